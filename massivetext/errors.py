"""Errors by consequence: what a caller does next decides the class."""


class MassiveTextError(Exception):
    """Root of the errors that a user can cause and fix; shown as one line, not as a traceback."""


class ConfigError(MassiveTextError, ValueError):
    """A recipe, option or path is wrong; raised before anything runs."""


class RecordError(MassiveTextError, ValueError):
    """One record cannot be read; it is counted and written to ``errors/``, the run continues."""


class StageError(MassiveTextError, RuntimeError):
    """A stage cannot finish; the message says what it was doing and how to resume."""


class CheckpointError(MassiveTextError, RuntimeError):
    """A trainer state does not match the model, the data position or the vocabulary."""


class Stopped(MassiveTextError):
    """A run stopped on request; nothing is lost, a rerun continues (exit code 3)."""


class DamagedFile(MassiveTextError, RuntimeError):
    """A file of a build is not what was written; a rerun rebuilds it."""

    def __init__(self, path: str, how: str) -> None:
        """Takes the file's path and, in a few words, how it differs."""
        super().__init__(path, how)
        self.path, self.how = path, how

    def __str__(self) -> str:
        """Returns the message; `pipelines.folder.failures` reads it back from a runner's text."""
        return f"{self.path} is damaged ({self.how}); build with --verify rebuilds it"
