"""Beam's flags about object stores reach our storage: here, and on workers."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    SetupOptions,
)
from apache_beam.options.value_provider import RuntimeValueProvider

from massivetext.errors import ConfigError
from massivetext.pipelines.dataflow.options import job_options
from massivetext.pipelines.engine.runner import Execution
from massivetext.pipelines.folder.stage import Stage
from massivetext.pipelines.folder.storage_settings import (
    FENCE,
    PLUGIN,
    VERSIONS,
    settings_of,
    settings_of_worker,
    versions,
)
from massivetext.storage.settings import Settings, current, settings_from, use

SCOPES = tuple(dict.fromkeys(GoogleCloudOptions.OAUTH_SCOPES))
FLAGS = [
    "--project=p", "--no_auth", "--impersonate_service_account=a@x,b@x", "--job_name=corpus",
    "--gcs_custom_audit_entry=team=data", "--s3_access_key_id=id", "--s3_secret_access_key=key",
    "--s3_session_token=token", "--s3_endpoint_url=http://here", "--s3_region_name=eu-west-1",
    "--s3_api_version=2006-03-01", "--s3_verify=false", "--s3_disable_ssl",
]  # fmt: skip
SETTINGS = Settings(
    project="p",
    anonymous=True,
    impersonate=("a@x", "b@x"),
    scopes=SCOPES,
    headers=(("x-goog-custom-audit-job", "corpus"), ("x-goog-custom-audit-team", "data")),
    s3=(
        ("aws_access_key_id", "id"),
        ("aws_secret_access_key", "key"),
        ("aws_session_token", "token"),
        ("endpoint_url", "http://here"),
        ("region_name", "eu-west-1"),
        ("api_version", "2006-03-01"),
        ("verify", False),
        ("use_ssl", False),
    ),
)


@pytest.fixture(autouse=True)
def worker() -> Iterator[None]:
    """A process that was told nothing, as it was when it began."""
    before = RuntimeValueProvider.runtime_options
    use(None)
    settings_from(settings_of_worker)
    yield
    RuntimeValueProvider.set_runtime_options(before)


def test_every_flag_is_told() -> None:
    assert settings_of(PipelineOptions(FLAGS)) == SETTINGS


def test_no_flags_are_no_settings() -> None:
    assert settings_of(PipelineOptions([])) == Settings(scopes=SCOPES)


def test_a_file_of_certificates_is_its_path() -> None:
    settings = settings_of(PipelineOptions(["--s3_verify=/etc/own.pem"]))
    assert settings.s3 == (("verify", "/etc/own.pem"),)


def test_pipelines_have_workers_elsewhere_ask() -> None:
    stage = Stage("tokens", "gs://b/out/tokens", "0123456789abcdef")
    asked = [Execution(("--runner=PortableRunner",)).options(), job_options(stage, ())]
    for options in asked:
        assert options.view_as(SetupOptions).beam_plugins == [PLUGIN]
    code = (
        "from apache_beam.options.value_provider import RuntimeValueProvider\n"
        "from apache_beam.runners.worker.sdk_worker_main import _import_beam_plugins\n"
        "RuntimeValueProvider.set_runtime_options({'project': 'told'})\n"
        f"_import_beam_plugins([{PLUGIN!r}])\n"
        "from massivetext.storage.settings import current\n"
        "print(current().project)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "told\n"


def test_a_worker_has_the_options_of_its_pipeline() -> None:
    RuntimeValueProvider.set_runtime_options(None)
    assert current() == Settings()
    use(None)
    RuntimeValueProvider.set_runtime_options(PipelineOptions(FLAGS).get_all_options())
    got = current()  # Beam sends no impersonation: a worker is its own account
    assert got._replace(impersonate=()) == SETTINGS._replace(impersonate=())


def test_a_worker_of_other_versions_is_refused_and_the_fence_is_told() -> None:
    use(None)
    told = PipelineOptions([]).get_all_options() | {VERSIONS: versions(), FENCE: "gs://b/o|x|t"}
    RuntimeValueProvider.set_runtime_options(told)
    assert current().fence == ("gs://b/o|x", "t")
    use(None)
    RuntimeValueProvider.set_runtime_options(told | {VERSIONS: "massivetext 0, Beam 1, Python 3.9"})
    with pytest.raises(ConfigError, match="submitted with massivetext 0, Beam 1"):
        current()
