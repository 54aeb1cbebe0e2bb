"""Whether the kernels run: on GPUs where they were tried, in the precision they are for."""

import math

import jax
from jax.sharding import Mesh

from massivetext.errors import ConfigError
from massivetext.train.config.config import ModelConfig
from massivetext.train.fused.plan import Plan, Where

TRIED = ("9.0",)  # compute capabilities: H100, H200
LARGEST_KEY = 128


def use_kernels(config: ModelConfig, mesh: Mesh | None) -> bool:
    """Returns whether this model's attention, loss and embedding are the GPU's own.

    Raises:
      ConfigError: `model.kernels` is "on", and they cannot run here.
    """
    if config.kernels == "off":
        return False
    reason = refuse(config, device_of(mesh))
    if reason and config.kernels == "on":
        raise ConfigError(f"model.kernels=on: {reason}; leave it at auto")
    return not reason


def refuse(config: ModelConfig, device: jax.Device) -> str:
    """Returns why the kernels do not run on a device; nothing if they do."""
    asked, on_cpu = config.kernels == "on", device.platform == "cpu"  # interpreted, for tests
    found = getattr(device, "compute_capability", "unknown")
    reasons = {
        f"key size {config.key_size} is above {LARGEST_KEY}, the largest that they take": (
            config.key_size > LARGEST_KEY
        ),
        "they do not compute in float64": config.compute == "float64",
        "they are for GPUs": device.platform == "tpu" or (on_cpu and not asked),
        f"activations are {config.compute}, and they were tried with bfloat16": (
            config.compute != "bfloat16" and not asked
        ),
        f"compute capability {found} was not tried, only {', '.join(TRIED)}": (
            found not in TRIED and not asked
        ),
    }
    return next((reason for reason, holds in reasons.items() if holds), "")


def describe_kernels(config: ModelConfig, mesh: Mesh | None) -> str:
    """Returns a line about a GPU that computes the plain definitions, else nothing."""
    device = device_of(mesh)
    if device.platform in ("cpu", "tpu") or config.kernels != "auto":
        return ""
    reason = refuse(config, device)
    advice = "; model.kernels=on tries them" if "tried" in reason else ""
    return f"plain attention on {device.device_kind}: {reason}{advice}" if reason else ""


def where(config: ModelConfig, mesh: Mesh | None) -> Where:
    """Returns the kernels' settings for a model on its devices."""
    interpret = device_of(mesh).platform == "cpu"
    return Where(Plan(1 / math.sqrt(config.key_size), config.document_mask, interpret), mesh)


def device_of(mesh: Mesh | None) -> jax.Device:
    """Returns one of the devices that compute."""
    device: jax.Device = jax.devices()[0] if mesh is None else mesh.devices.flat[0]
    return device
