"""What the frozen program starts with."""

import sys

from lrstudio.__main__ import main

sys.exit(main())
