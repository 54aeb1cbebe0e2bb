"""A submitted graph, taken from where it was staged and run by Beam's portable local job server.

Its workers are Beam's own, in threads of a worker pool; they read and write `gs://` like any.
"""

import logging
from typing import Any

from apache_beam.portability.api import beam_job_api_pb2, beam_runner_api_pb2
from apache_beam.runners.portability.local_job_service import LocalJobServicer
from apache_beam.runners.worker.worker_pool_main import BeamFnExternalWorkerPoolServicer
from google.protobuf.struct_pb2 import Struct

from massivetext.storage.files import read_bytes
from tests.pipelines.dataflow.service.commands import external
from tests.pipelines.dataflow.service.fake import Outcome

_STATES = beam_job_api_pb2.JobState


class JobServer:
    """The job server and its workers."""

    def __init__(self, staging: str) -> None:
        logging.getLogger("apache_beam").setLevel(logging.ERROR)
        self._servicer = LocalJobServicer(staging)
        self.port = self._servicer.start_grpc_server()
        self.workers, self._pool = BeamFnExternalWorkerPoolServicer.start()
        self.graphs: list[tuple[str, beam_runner_api_pb2.Pipeline]] = []  # by name of the job

    def close(self) -> None:
        self._servicer.stop()
        self._pool.stop(1)

    def execute(self, job: dict[str, Any]) -> Outcome:
        """Runs the graph of a job to its end."""
        graph = staged_graph(job)
        self.graphs.append((job["name"], graph))
        return self.run(graph, external(self.workers), job["name"])

    def run(
        self,
        graph: beam_runner_api_pb2.Pipeline,
        environment: beam_runner_api_pb2.Environment,
        name: str,
    ) -> Outcome:
        """Runs a graph in an environment of our choice, all else as it was submitted."""
        for place in graph.components.environments.values():
            capabilities = list(place.capabilities)
            place.CopyFrom(environment)
            place.capabilities.extend(capabilities)
        prepared = self._servicer.Prepare(
            beam_job_api_pb2.PrepareJobRequest(
                job_name=name, pipeline=graph, pipeline_options=Struct()
            )
        )
        wanted = beam_job_api_pb2.RunJobRequest(preparation_id=prepared.preparation_id)
        number = self._servicer.Run(wanted).job_id
        messages = [
            answer.message_response.message_text
            for answer in self._servicer.GetMessageStream(
                beam_job_api_pb2.JobMessagesRequest(job_id=number)
            )
            if answer.HasField("message_response")
        ]
        state = self._servicer.GetState(beam_job_api_pb2.GetJobStateRequest(job_id=number)).state
        if state != _STATES.DONE:
            return "FAILED", messages, {}
        return "DONE", [], self._counters(number)

    def _counters(self, number: str) -> dict[str, int]:
        result = self._servicer._jobs[number].result
        found: dict[str, int] = {}
        for counter in result.metrics().query()["counters"]:
            name = f"{counter.key.metric.namespace}: {counter.key.metric.name}"
            found[name] = found.get(name, 0) + counter.committed
        return found


def staged_graph(job: dict[str, Any]) -> beam_runner_api_pb2.Pipeline:
    """Returns the graph that a job names, read from its staging folder."""
    url = job["environment"]["sdkPipelineOptions"]["options"]["pipelineUrl"]
    return beam_runner_api_pb2.Pipeline.FromString(read_bytes(url))
