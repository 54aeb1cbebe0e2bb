"""What JAX must be told before it starts, or before it compiles, to run well on a GPU."""

import os

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


def keep_compiled() -> None:
    """Lets GPUs keep compiled programs in the user's cache between runs."""
    import jax

    if jax.default_backend() == "cpu" or getattr(jax.config, "jax_compilation_cache_dir", None):
        return
    jax.config.update("jax_compilation_cache_dir", str(models_folder() / "compiled"))
