"""``massivetext prove-tpu``."""

import argparse
import os
import sys

# What libtpu needs on a machine without TPUs; without the last, a second process finds a lock file.
ENVIRONMENT = {
    "JAX_PLATFORMS": "cpu",
    "TPU_SKIP_MDS_QUERY": "1",
    "ALLOW_MULTIPLE_LIBTPU_LOAD": "1",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("preset", help="44m 117m 417m 1.4b 7.1b 280b, or a TOML file")
    parser.add_argument("--topology", default="v3:2x2", help="as in v3:32x32 (%(default)s)")
    parser.add_argument("--slices", type=int, default=1, help="of that topology (%(default)s)")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="as in mesh.model=4"
    )


def main(arguments: argparse.Namespace) -> None:
    """Compiles the training step and prints its memory; a program that does not fit is an error."""
    os.environ.update(ENVIRONMENT)
    from massivetext.train.config.presets import load_config
    from massivetext.train.run.prove_tpu import format_proof, prove

    settings = (*arguments.set, f"mesh.slices={arguments.slices}")
    config = load_config(arguments.preset, settings)
    proof = prove(config, arguments.topology)
    sys.stdout.write(format_proof(config, arguments.topology, proof) + "\n")
