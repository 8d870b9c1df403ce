"""`python -m nnpm`: the command line."""

import sys

from nnpm.prediction.cli import main

if __name__ == "__main__":
    sys.exit(main())
