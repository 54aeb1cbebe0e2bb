"""``massivetext-worker``: what a PROCESS environment starts, in place of Beam's container image.

This package is installed where it runs, so nothing is staged: it asks the runner for the pipeline's
options and becomes a worker.
"""

import argparse
import os

from massivetext.extras import require

_ENDPOINTS = ("logging", "artifact", "provision", "control")


def main() -> None:
    """Reads the flags of Beam's container contract and works until the runner is done with it."""
    parser = argparse.ArgumentParser(prog="massivetext-worker", description=__doc__)
    parser.add_argument("--id", required=True, help="of this worker")
    for name in _ENDPOINTS:
        parser.add_argument(f"--{name}_endpoint", default="", help="of the runner")
    flags = parser.parse_args()
    flags.id = flags.id.strip("'")  # Prism quotes it as for a shell, and starts none
    require("beam", "massivetext-worker")
    os.environ |= _environment(flags)
    from apache_beam.runners.worker import sdk_worker_main

    sdk_worker_main.main([])


def _environment(flags: argparse.Namespace) -> dict[str, str]:
    """Returns the variables from which Beam's worker takes its orders."""
    import grpc
    from apache_beam.portability.api import beam_provision_api_pb2 as provision
    from apache_beam.portability.api import beam_provision_api_pb2_grpc as services
    from google.protobuf import json_format  # type: ignore[import-untyped]  # it has no stubs

    with grpc.insecure_channel(flags.provision_endpoint) as channel:
        stub = services.ProvisionServiceStub(channel)
        request = provision.GetProvisionInfoRequest()
        info = stub.GetProvisionInfo(request, metadata=[("worker_id", flags.id)]).info
    control = info.control_endpoint.url or flags.control_endpoint
    log = info.logging_endpoint.url or flags.logging_endpoint
    return {
        "WORKER_ID": flags.id,
        "PIPELINE_OPTIONS": json_format.MessageToJson(info.pipeline_options),
        "CONTROL_API_SERVICE_DESCRIPTOR": f'url: "{control}"',
        "LOGGING_API_SERVICE_DESCRIPTOR": f'url: "{log}"',
        "RUNNER_CAPABILITIES": " ".join(info.runner_capabilities),
    }
