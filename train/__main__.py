"""``python -m train COMMAND …``: the same as ``massivetext COMMAND …``."""

import sys

from massivetext.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
