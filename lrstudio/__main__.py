"""python -m lrstudio"""

import sys

from lrstudio.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
