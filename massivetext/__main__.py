"""``python -m massivetext`` is the command ``massivetext``."""

import sys

from massivetext.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
