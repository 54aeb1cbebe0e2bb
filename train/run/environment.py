"""What JAX must be told before it starts, or before it compiles, to run well on a GPU."""

import os
from pathlib import Path

from massivetext.model_files import models_folder

MEMORY = "XLA_PYTHON_CLIENT_MEM_FRACTION"
FRACTION = ".92"  # of a GPU's memory; JAX's own is .75, with which 1.4B at its best does not fit
CACHE = "JAX_COMPILATION_CACHE_DIR"
DETERMINISTIC = "--xla_gpu_deterministic_ops=true"


def prepare(deterministic: bool) -> None:
    """Sets what JAX reads when it starts. Variables that are set already stay as they are."""
    os.environ.setdefault(MEMORY, FRACTION)
    flags = os.environ.get("XLA_FLAGS", "")
    if deterministic and "xla_gpu_deterministic_ops" not in flags:
        os.environ["XLA_FLAGS"] = f"{flags} {DETERMINISTIC}".strip()


def keep_compiled(folder: Path | None = None) -> None:
    """Lets compiled programs be kept between runs: in `folder`, or for GPUs in the user's cache."""
    import jax

    if getattr(jax.config, "jax_compilation_cache_dir", None):
        return
    if folder is None and jax.default_backend() != "cpu":
        folder = models_folder() / "compiled"
    if folder is not None:
        jax.config.update("jax_compilation_cache_dir", str(folder))
