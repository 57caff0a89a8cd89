"""Run gmemviz as ``python -m gmemviz``."""

import sys

from gmemviz.cli import main

if __name__ == "__main__":
    sys.exit(main())
