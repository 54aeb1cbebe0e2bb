"""The Dataflow service: its jobs, their messages and metrics, with errors in one line."""

import re
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from apache_beam.internal.gcp.auth import get_service_credentials
from apache_beam.options.pipeline_options import GoogleCloudOptions, PipelineOptions
from google.api_core.client_options import ClientOptions
from google.api_core.exceptions import (
    Forbidden,
    GoogleAPICallError,
    NotFound,
    ServerError,
    TooManyRequests,
    Unauthorized,
)
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError, TransportError
from google.cloud import dataflow

from massivetext.errors import ConfigError, StageError
from massivetext.pipelines.dataflow.options import Target, target_of

T = TypeVar("T")
LIVE = ("PENDING", "QUEUED", "RUNNING", "DRAINING", "CANCELLING", "PAUSING", "PAUSED", "UNKNOWN")
_LIVE_TOO = ("STOPPED", "RESOURCE_CLEANING_UP")  # not started; done with work, not yet reported
_ADDRESS = re.compile(r"^[A-Z]+ https?://\S+: ")
_IMPORTANT = dataflow.JobMessageImportance


class Unreachable(StageError):
    """The service does not answer; it may do so again."""


class Missing(StageError):
    """The service does not know what it was asked for; it forgets old jobs."""


class Message(NamedTuple):
    """A message of a job."""

    id: str
    time: datetime
    text: str
    is_error: bool
    is_warning: bool


class Service:
    """The jobs of one project in one region."""

    def __init__(self, options: PipelineOptions) -> None:
        self.target = target_of(options)
        self._jobs = _client(dataflow.JobsV1Beta3Client, options, self.target)
        self._messages = _client(dataflow.MessagesV1Beta3Client, options, self.target)
        self._metrics = _client(dataflow.MetricsV1Beta3Client, options, self.target)

    def _place(self) -> dict[str, str]:
        return {"project_id": self.target.project, "location": self.target.region}

    def job(self, number: str) -> Any:
        """Returns a job by its id."""
        request = dataflow.GetJobRequest(job_id=number, **self._place())
        return self._ask(lambda: self._jobs.get_job(request=request))

    def state(self, number: str) -> str:
        """Returns a job's state in one word, such as ``RUNNING``."""
        return state_of(self.job(number))

    def active(self, name: str) -> Any | None:
        """Returns the live job of a name, or None; a project has at most one."""
        request = dataflow.ListJobsRequest(
            filter=dataflow.ListJobsRequest.Filter.ACTIVE, **self._place()
        )
        jobs = self._ask(lambda: list(self._jobs.list_jobs(request=request)))
        return next((job for job in jobs if job.name == name and is_live(state_of(job))), None)

    def cancel(self, number: str) -> None:
        """Asks for a job to be cancelled."""
        wanted = dataflow.Job(requested_state=dataflow.JobState.JOB_STATE_CANCELLED)
        request = dataflow.UpdateJobRequest(job_id=number, job=wanted, **self._place())
        self._ask(lambda: self._jobs.update_job(request=request))

    def messages(self, number: str, since: datetime | None = None) -> list[Message]:
        """Returns the warnings and errors of a job, from a time on, in the order they came."""
        request = dataflow.ListJobMessagesRequest(
            job_id=number, minimum_importance=_IMPORTANT.JOB_MESSAGE_WARNING, **self._place()
        )
        if since is not None:
            request.start_time = since
        found = self._ask(lambda: list(self._messages.list_job_messages(request=request)))
        return [_message(message) for message in found if message.message_text]

    def metrics(self, number: str) -> dict[str, float]:
        """Returns the committed numbers of a job: our counters, and Dataflow's own of its cost."""
        request = dataflow.GetJobMetricsRequest(job_id=number, **self._place())
        found = self._ask(lambda: self._metrics.get_job_metrics(request=request))
        totals: dict[str, float] = {}
        for metric in found.metrics:
            name = _metric_name(metric)
            if name and isinstance(metric.scalar, int | float):
                totals[name] = totals.get(name, 0) + metric.scalar
        return totals

    def _ask(self, call: Callable[[], T]) -> T:
        """Returns the answer of a call, tried again while the service is out of reach."""
        for wait in (1, 2, 4, 8):
            try:
                return self._ask_once(call)
            except Unreachable:
                time.sleep(wait * (0.05 if self.target.is_local else 2.0))
        return self._ask_once(call)

    def _ask_once(self, call: Callable[[], T]) -> T:
        place = f"project {self.target.project} in {self.target.region}"
        try:
            return call()
        except (Forbidden, Unauthorized) as error:
            raise ConfigError(f"Dataflow refuses {place}: {said(error)}") from error
        except NotFound as error:
            raise Missing(f"Dataflow finds no such thing: {said(error)}") from error
        except (TooManyRequests, ServerError) as error:
            raise Unreachable(f"Dataflow does not answer: {said(error)}") from error
        except GoogleAPICallError as error:
            raise StageError(f"Dataflow refuses the request: {said(error)}") from error
        except (TransportError, OSError) as error:
            raise Unreachable(f"Dataflow does not answer: {error}") from error
        except GoogleAuthError as error:
            raise ConfigError(f"Google refuses the credentials: {error}") from error


def said(error: GoogleAPICallError) -> str:
    """Returns what a service of Google's said, without the address that it was asked at.

    >>> said(NotFound("GET https://example.com/a?b=c: no such job"))
    'no such job'
    """
    return _ADDRESS.sub("", str(error.message))


def _client(kind: Any, options: PipelineOptions, target: Target) -> Any:
    """Returns a client that signs as Beam does, and speaks REST to a service on this machine."""
    no_auth = options.view_as(GoogleCloudOptions).no_auth
    found = None if no_auth else get_service_credentials(options)
    credentials = found.get_google_auth_credentials() if found else AnonymousCredentials()
    if target.is_local:
        address = ClientOptions(api_endpoint=target.endpoint)
        return kind(credentials=credentials, client_options=address, transport="rest")
    return kind(credentials=credentials)


def state_of(job: Any) -> str:
    """Returns a job's state in one word."""
    return str(dataflow.JobState(job.current_state).name).removeprefix("JOB_STATE_")


def is_live(state: str) -> bool:
    """Returns whether a job in this state may still write.

    >>> is_live("RUNNING"), is_live("DONE")
    (True, False)
    """
    return state in LIVE or state in _LIVE_TOO


def _message(message: Any) -> Message:
    importance = _IMPORTANT(message.message_importance)
    return Message(
        message.id,
        message.time,
        message.message_text,
        importance == _IMPORTANT.JOB_MESSAGE_ERROR,
        importance == _IMPORTANT.JOB_MESSAGE_WARNING,
    )


def _metric_name(metric: Any) -> str:
    context = dict(metric.name.context)
    if context.get("tentative") == "true":
        return ""
    if metric.name.origin == "user":
        return f"{context.get('namespace', '')}: {metric.name.name}"
    known = metric.name.name.startswith(("Total", "Current", "Billable"))
    return str(metric.name.name) if known else ""
