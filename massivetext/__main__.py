"""``python -m massivetext`` is the command ``massivetext``."""

import sys

from massivetext.cli.import_path import leave_working_folder

if __name__ == "__main__":
    leave_working_folder()

    from massivetext.cli.main import main

    sys.exit(main())
