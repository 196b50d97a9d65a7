"""python -m lrstudio"""

import sys


def main() -> int:
    """The program; an interruption while it is still being loaded is one line, as later."""
    try:
        from lrstudio.cli import main as run

        return run()
    except KeyboardInterrupt:
        print("lrstudio: interrupted", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
