"""A job at a job service: its state, what it says, its end."""

import time
from collections.abc import Iterator
from typing import Any

import grpc
from apache_beam.metrics.metric import MetricResults
from apache_beam.portability.api import beam_job_api_pb2 as api
from apache_beam.portability.api import beam_job_api_pb2_grpc as services
from apache_beam.runners.portability.portable_runner import PortableMetrics

from massivetext.errors import StageError

ENDED = ("DONE", "DRAINED", "FAILED", "CANCELLED", "UPDATED")
_SECONDS = 10.0  # for an answer
_CANCEL_SECONDS = 30.0  # for a job to end once it is cancelled


class Unreachable(StageError):
    """The job service does not answer, or knows no such job."""


class Job:
    """A job by its id, at a service that may stop answering at any time."""

    def __init__(self, service: Any, number: str) -> None:
        self._service, self.id = service, number

    def state(self) -> str:
        """Returns the job's state in one word, such as ``RUNNING``.

        Raises:
          Unreachable: nobody answers.
        """
        request = api.GetJobStateRequest(job_id=self.id)
        try:
            reply = self._service.GetState(request, timeout=_SECONDS)
        except grpc.RpcError as error:
            raise Unreachable(f"the job service does not answer: {told(error)}") from error
        return str(api.JobState.Enum.Name(reply.state))

    def errors(self) -> list[str]:
        """Returns the errors that an ended job left; none where the service keeps none."""
        request = api.JobMessagesRequest(job_id=self.id)
        found: list[str] = []
        try:
            for message in self._service.GetMessageStream(request, timeout=_SECONDS):
                found += _error_of(message)
                if message.state_response.state and _is_end(message.state_response.state):
                    break
        except grpc.RpcError:
            pass  # the stream of some services never ends: what came until now counts
        return found

    def counters(self) -> MetricResults | None:
        """Returns what the job has counted, None where its runner does not tell."""
        try:
            reply = self._service.GetJobMetrics(
                api.GetJobMetricsRequest(job_id=self.id), timeout=_SECONDS
            )
            return PortableMetrics(reply)
        except (grpc.RpcError, NotImplementedError):
            return None

    def cancel(self) -> str:
        """Cancels the job and waits for its end; returns its last state, empty if unknown."""
        try:
            self._service.Cancel(api.CancelJobRequest(job_id=self.id), timeout=_SECONDS)
            for state in self._states(_CANCEL_SECONDS):
                if state in ENDED:
                    return state
        except (grpc.RpcError, Unreachable):
            pass
        return ""

    def _states(self, seconds: float) -> Iterator[str]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            yield self.state()
            time.sleep(0.2)


def job_at(endpoint: str, number: str) -> Job:
    """Returns the job of an id at an address; nothing is asked yet."""
    return Job(services.JobServiceStub(grpc.insecure_channel(endpoint)), number)


def answers(endpoint: str, seconds: float = _SECONDS) -> bool:
    """Returns whether a job service can be reached at an address."""
    with grpc.insecure_channel(endpoint) as channel:
        try:
            grpc.channel_ready_future(channel).result(timeout=seconds)
        except grpc.FutureTimeoutError:
            return False
    return True


def told(error: grpc.RpcError) -> str:
    """Returns what a failed call says in one line."""
    details = getattr(error, "details", lambda: "")()
    return " ".join(str(details or error).split())


def _error_of(message: Any) -> list[str]:
    said = message.message_response
    is_error = said.importance == api.JobMessage.JOB_MESSAGE_ERROR
    return [said.message_text] if is_error and said.message_text else []


def _is_end(state: int) -> bool:
    return api.JobState.Enum.Name(state) in ENDED
