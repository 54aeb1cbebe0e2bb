"""Beam's flags about object stores, told to our own storage.

The process that a user starts says `use(settings_of(options))`. Workers elsewhere import this file
when they begin, as a plugin of Beam's, and it has them ask for the options that Beam gave them.
"""

import platform
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING

from massivetext.errors import ConfigError
from massivetext.storage.settings import Settings, settings_from

if TYPE_CHECKING:
    from apache_beam.options.pipeline_options import PipelineOptions

PLUGIN = __name__
FENCE = "massivetext_fence"  # a flag of ours: a path and a token, with a bar between them
VERSIONS = "massivetext_versions"  # and this: `versions` of the process that submits
_S3 = {  # boto3's names of Beam's flags
    "s3_access_key_id": "aws_access_key_id",
    "s3_secret_access_key": "aws_secret_access_key",
    "s3_session_token": "aws_session_token",
    "s3_endpoint_url": "endpoint_url",
    "s3_region_name": "region_name",
    "s3_api_version": "api_version",
    "s3_verify": "verify",
}


def settings_of(options: "PipelineOptions") -> Settings:
    """Returns what Beam's options say of object stores."""
    from apache_beam.options.pipeline_options import GoogleCloudOptions, S3Options

    google, amazon = options.view_as(GoogleCloudOptions), options.view_as(S3Options)
    accounts = (google.impersonate_service_account or "").split(",")
    headers = {"x-goog-custom-audit-job": google.job_name} if google.job_name else {}
    s3 = {ours: getattr(amazon, flag) for flag, ours in _S3.items() if getattr(amazon, flag)}
    if "verify" in s3:  # a file of certificates, or whether to check them
        s3["verify"] = {"true": True, "false": False}.get(str(s3["verify"]).lower(), s3["verify"])
    return Settings(
        project=google.project,
        anonymous=bool(google.no_auth),
        impersonate=tuple(filter(None, accounts)),
        scopes=tuple(dict.fromkeys(google.gcp_oauth_scopes or ())),  # Beam says its own twice
        headers=tuple((headers | (google.gcs_custom_audit_entries or {})).items()),
        s3=tuple((s3 | ({"use_ssl": False} if amazon.s3_disable_ssl else {})).items()),
    )


def add_plugin(options: "PipelineOptions") -> None:
    """Has workers elsewhere import this file."""
    from apache_beam.options.pipeline_options import SetupOptions

    setup = options.view_as(SetupOptions)
    setup.beam_plugins = [*(setup.beam_plugins or []), PLUGIN]


def versions() -> str:
    """Returns the versions that a job's processes must have in common."""
    python = ".".join(platform.python_version_tuple()[:2])
    return f"massivetext {version('massivetext')}, Beam {version('apache-beam')}, Python {python}"


def settings_of_worker() -> Settings:
    """Returns the settings of a process to which Beam gave options: one of a remote runner.

    Raises:
      ConfigError: it has other versions than the process that submitted its job.
    """
    values = sys.modules.get("apache_beam.options.value_provider")
    given = values.RuntimeValueProvider.runtime_options if values else None
    if not given:
        return Settings()
    from apache_beam.options.pipeline_options import PipelineOptions

    told = {name: value for name, value in given.items() if value is not None}
    wanted = told.pop(VERSIONS, versions())
    if wanted != versions():
        raise ConfigError(
            f"workers have {versions()}, and the job was submitted with {wanted}; install the same"
            " on both"
        )
    path, _, token = str(told.pop(FENCE, "")).rpartition("|")
    settings = settings_of(PipelineOptions.from_dictionary(told))
    return settings._replace(fence=(path, token) if path else None)


settings_from(settings_of_worker)
