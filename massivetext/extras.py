"""Packages that only some commands need, and the extra of this project that brings each."""

from importlib.util import find_spec
from typing import Final

from massivetext.errors import ConfigError

# Extras of pyproject.toml: what to call what is missing, and the modules that they bring.
EXTRAS: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "beam": ("Apache Beam", ("apache_beam", "psutil")),
    "dataflow": ("Google's Dataflow client", ("google.cloud.dataflow",)),
    "gcp": ("Google's storage client", ("google.cloud.storage",)),
    "s3": ("boto3", ("boto3", "botocore")),
    "similar": ("datasketch", ("datasketch",)),
    "tfds": ("TensorFlow Datasets", ("tensorflow_datasets", "array_record")),
    "arrayrecord": ("array_record", ("array_record",)),
    "tokenizers": ("Hugging Face's tokenizers", ("tokenizers",)),
    "train": (
        "JAX",
        ("jax", "jaxtyping", "matplotlib", "optax", "orbax", "etils", "safetensors", "tensorboard"),
    ),
}


def require(extra: str, what: str) -> None:
    """Checks that the first module of an extra is installed, without importing it.

    Args:
      extra: a key of `EXTRAS`.
      what: who needs it, such as a command.

    Raises:
      ConfigError: it is not; the message has the command that installs it.
    """
    name, modules = EXTRAS[extra]
    try:
        found = find_spec(modules[0])
    except ModuleNotFoundError:  # of the packages above it
        found = None
    if found is None:
        raise ConfigError(f"{what} needs {name}: {_install(extra)}")


def advise(error: ModuleNotFoundError, what: str) -> ConfigError | None:
    """Returns the error for a user who lacks the module of an extra; None if it is no such module.

    >>> print(advise(ModuleNotFoundError("", name="jax.numpy"), "train"))
    train needs JAX: pip install 'massivetext[train]'
    """
    missing = f"{error.name}."
    for extra, (name, modules) in EXTRAS.items():
        if any(missing.startswith(f"{module}.") for module in modules):
            return ConfigError(f"{what} needs {name}: {_install(extra)}")
    if missing.startswith("google."):  # a namespace of many packages: none of it is there
        return ConfigError(f"{what} needs {EXTRAS['dataflow'][0]}: {_install('dataflow')}")
    return None


def _install(extra: str) -> str:
    return f"pip install 'massivetext[{extra}]'"
