"""python -m lrstudio"""

import os
import sys

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # the products are small, waiting threads cost time
os.environ.setdefault("NUMPY_MADVISE_HUGEPAGE", "0")  # what small objects are later put in would grow to huge pages


def main() -> int:
    """The program; an interruption while it is still being loaded is one line, as later."""
    try:
        from lrstudio.terminal.cli import main as run

        return run()
    except KeyboardInterrupt:
        print("lrstudio: interrupted", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
