"""What this program may import: nothing of the folder that it is called in.

``python -m`` puts the working folder first on the path, before the standard library, so a user's
own ``json.py`` or ``random.py`` would run in place of Python's.
"""

import sys


def leave_working_folder() -> None:
    """Takes the working folder, which ``python -m`` put first, from the head of the path.

    To be called before other imports. A checkout that is not installed is found through that
    folder alone: then it goes to the end of the path, where it hides nothing.
    """
    if sys.flags.safe_path or not sys.path:
        return
    folder = sys.path.pop(0)
    if folder == __file__.rsplit("/", 3)[0]:
        sys.path.append(folder)
