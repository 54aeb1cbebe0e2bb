"""What can be found wrong before anything is uploaded: flags, credentials, buckets, image, inputs.

Each check costs one request at most and fails with one line that says what to do.
"""

from urllib.parse import urlsplit

import google.auth
from apache_beam.internal.gcp.auth import get_service_credentials
from apache_beam.io.gcp.gcsio import create_storage_client
from apache_beam.options.pipeline_options import (
    GoogleCloudOptions,
    PipelineOptions,
    WorkerOptions,
)
from google.api_core.exceptions import Forbidden, GoogleAPICallError, NotFound, Unauthorized
from google.auth.exceptions import DefaultCredentialsError, GoogleAuthError
from google.auth.transport.requests import AuthorizedSession

from massivetext.config.recipe import Recipe
from massivetext.errors import ConfigError
from massivetext.pipelines.dataflow.code import check_code
from massivetext.pipelines.dataflow.options import check_prefix, target_of
from massivetext.pipelines.dataflow.service import said
from massivetext.storage.paths import is_local

_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
    " application/vnd.docker.distribution.manifest.v2+json,"
    " application/vnd.docker.distribution.manifest.list.v2+json"
)


def check_dataflow(recipe: Recipe, output: str, flags: tuple[str, ...]) -> None:
    """Checks what a build on Dataflow needs, cheapest first; nothing is written.

    Raises:
      ConfigError: a flag is missing, a path is of this machine, there are no credentials, a
        bucket or image is not there.
    """
    options = PipelineOptions(list(flags))
    target_of(options)
    check_prefix(options.view_as(GoogleCloudOptions).job_name)
    check_output(output)
    check_inputs(recipe)
    check_code(options)
    _check_credentials(options)
    for bucket in sorted(_buckets(output, options)):
        _check_bucket(bucket, options)
    _check_image(options)


def check_output(output: str) -> None:
    """Checks that the output is below a bucket.

    Raises:
      ConfigError: it is not.
    """
    if not output.startswith("gs://") or not urlsplit(output).netloc:
        raise ConfigError(
            f"--output={output}: Dataflow writes to a bucket, for example gs://my-bucket/massivetext"
        )
    if not urlsplit(output).path.strip("/"):
        raise ConfigError(f"--output={output}: name a folder in the bucket, as in {output}/corpus")


def check_inputs(recipe: Recipe) -> None:
    """Checks that workers can read the sources of a recipe.

    Models and lists may lie on this machine: they are small, and uploaded.

    Raises:
      ConfigError: a source is named by a path of this machine.
    """
    for source, named in recipe.sources.items():
        for pattern in named.files:
            path = recipe.resolve(pattern)
            if is_local(path):
                raise ConfigError(
                    f"sources.{source}.files: {path} is on this machine, where Dataflow's workers"
                    " cannot read it; copy the inputs to a bucket and say --set root=gs://…"
                )


def _check_credentials(options: PipelineOptions) -> None:
    cloud = options.view_as(GoogleCloudOptions)
    if cloud.no_auth:
        return
    try:
        google.auth.default(scopes=cloud.gcp_oauth_scopes)
    except DefaultCredentialsError as error:
        raise ConfigError(
            "there are no Google credentials: `gcloud auth application-default login`, or set"
            f" GOOGLE_APPLICATION_CREDENTIALS ({str(error).split('. ', maxsplit=1)[0]})"
        ) from error


def _buckets(output: str, options: PipelineOptions) -> set[str]:
    cloud = options.view_as(GoogleCloudOptions)
    paths = [output, cloud.temp_location, cloud.staging_location]
    return {urlsplit(path).netloc for path in paths if path and path.startswith("gs://")}


def _check_bucket(bucket: str, options: PipelineOptions) -> None:
    client = create_storage_client(options, not options.view_as(GoogleCloudOptions).no_auth)
    try:
        # Listing needs no right to the bucket's own settings, which writers often lack.
        next(iter(client.list_blobs(bucket, max_results=1)), None)
    except NotFound as error:
        raise ConfigError(
            f"there is no bucket gs://{bucket}: gcloud storage buckets create gs://{bucket}"
        ) from error
    except (Forbidden, Unauthorized) as error:
        raise ConfigError(f"you may not read gs://{bucket}: {said(error)}") from error
    except (GoogleAuthError, GoogleAPICallError, OSError) as error:
        raise ConfigError(f"cannot look into gs://{bucket}: {error}") from error


def _check_image(options: PipelineOptions) -> None:
    """Asks the image's registry for its manifest, where we can sign in: Google's registries."""
    image = options.view_as(WorkerOptions).sdk_container_image
    if not image:
        return
    host, _, path = image.partition("/")
    local = host.split(":")[0] == "localhost"
    if not (local or host.endswith((".pkg.dev", "gcr.io"))):
        return
    name, reference = _split_reference(path)
    scheme = "http" if local else "https"
    url = f"{scheme}://{host}/v2/{name}/manifests/{reference}"
    credentials = get_service_credentials(options)
    if credentials is None:
        return
    session = AuthorizedSession(credentials.get_google_auth_credentials())
    try:
        status = session.head(url, headers={"Accept": _MANIFESTS}, timeout=30).status_code
    except (GoogleAuthError, OSError) as error:
        raise ConfigError(f"--sdk_container_image: cannot ask {host} for it: {error}") from error
    if status != 200:
        reason = "is not there" if status == 404 else f"cannot be read (HTTP {status})"
        raise ConfigError(f"--sdk_container_image: {image} {reason}; docs/dataflow.md builds it")


def _split_reference(path: str) -> tuple[str, str]:
    """Returns the name and the tag or digest of an image.

    >>> _split_reference("p/r/massivetext:1.0"), _split_reference("p/r/i@sha256:ab")
    (('p/r/massivetext', '1.0'), ('p/r/i', 'sha256:ab'))
    """
    if "@" in path:
        name, _, digest = path.partition("@")
        return name, digest
    name, _, tag = path.rpartition(":")
    return (name, tag) if name else (path, "latest")
