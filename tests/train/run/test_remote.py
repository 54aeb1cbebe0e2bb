"""Checkpoints, logs and models on gs://: orbax, tensorstore and gcsfs against an emulator."""

import dataclasses
import io
import json
import logging
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import jax
import numpy as np
import pytest
from gcp_storage_emulator.exceptions import NotFound
from gcp_storage_emulator.handlers.buckets import create_bucket
from gcp_storage_emulator.server import RequestHandler
from gcp_storage_emulator.storage import Storage
from google.cloud import storage as cloud_storage

from massivetext.cli.main import DONE, STOPPED, USAGE, main
from massivetext.errors import ConfigError, StageError
from massivetext.storage.files import upload
from massivetext.train.config.config import TrainConfig
from massivetext.train.evaluation.read_log import LOG, read_log
from massivetext.train.inference.model_folder import load_model
from massivetext.train.run.log import Log
from massivetext.train.run.loop import train
from tests.train.run import test_hosts
from tests.train.run.test_resume import STEPS, final_params, finish, losses, same_bits, start


def accept(_address: str) -> bool:
    return False


class Server(HTTPServer):
    """An emulator of Cloud Storage with one empty bucket, in memory, one request at a time."""

    def __init__(self) -> None:
        self.storage = Storage(use_memory_fs=True)
        self.refuses: Callable[[str], bool] = accept
        create_bucket("bucket", self.storage)
        super().__init__(("127.0.0.1", 0), partial(Handler, self.storage))


class Handler(RequestHandler):
    """Adds what the emulator lacks and tensorstore needs: generations, conditional writes."""

    server: Server

    def do_POST(self) -> None:
        query = parse_qs(urlsplit(self.path).query)
        expected = query.get("ifGenerationMatch", [self.generation()])
        refused = self.server.refuses(unquote(self.path))
        if refused or expected != [self.generation()]:
            self.rfile.read(int(self.headers["Content-Length"] or 0))
            self.send_response(403 if refused else 412)
            self.send_header("Content-Length", "0")
            return self.end_headers()
        super().do_POST()

    def end_headers(self) -> None:
        if self.command == "GET":
            self.send_header("X-Goog-Generation", self.generation())
        super().end_headers()

    def generation(self) -> str:
        url = urlsplit(self.path)
        name = parse_qs(url.query).get("name", [unquote(url.path.partition("/o/")[2])])[0]
        try:
            return str(self.storage.get_file_obj("bucket", name)["generation"])
        except NotFound:
            return "0"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The emulator; all that speaks to Cloud Storage is told of it, and of no credentials."""
    server = Server()
    logging.getLogger("gcp_storage_emulator").setLevel(logging.CRITICAL)  # absent objects are usual
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STORAGE_EMULATOR_HOST", address)  # gcsfs, google-cloud-storage
        patch.setenv("TENSORSTORE_GCS_HTTP_URL", address)
        patch.setenv("GOOGLE_AUTH_TOKEN_FOR_TESTING", "nobody")  # tensorstore
        patch.setenv("FSSPEC_GCS_TOKEN", "anon")  # gcsfs, of processes that are started
        patch.setenv(
            "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false"
        )  # asks by gRPC, which is not here
        fsspec = pytest.importorskip("fsspec")
        patch.setitem(fsspec.config.conf, "gcs", {"token": "anon"})  # gcsfs, of this process
        logs = str(tmp_path_factory.mktemp("logs"))  # where logs grow
        patch.setenv("TMPDIR", logs)
        patch.setattr(tempfile, "tempdir", logs)
        yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def bucket(server: Server, corpus: Path) -> cloud_storage.Bucket:
    """The emulator's bucket, with the corpus below gs://bucket/corpus."""
    upload(corpus, "gs://bucket/corpus")
    return cloud_storage.Client.create_anonymous_client().bucket("bucket")


@pytest.fixture
def remote(
    bucket: cloud_storage.Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> cloud_storage.Bucket:
    """The bucket, and an empty working folder that must stay empty."""
    monkeypatch.chdir(tmp_path)
    return bucket


def names(bucket: cloud_storage.Bucket, prefix: str) -> set[str]:
    return {blob.name.removeprefix(prefix) for blob in bucket.list_blobs(prefix=prefix)}


def test_a_run_on_a_bucket_is_the_run_on_a_disk(
    remote: cloud_storage.Bucket, trained: Path, tiny_run: TrainConfig, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    output = "gs://bucket/run"
    assert train(tiny_run, "gs://bucket/corpus", output)
    assert "loss plot: gs://bucket/run/loss.png" in capsys.readouterr().err
    here, there = load_model(str(trained)), load_model(output)
    assert same_bits(jax.device_get(there.params), jax.device_get(here.params))
    assert there.about == here.about
    assert losses(output) == losses(trained)
    found = names(remote, "run/")
    assert {LOG, "loss.png", "config.json", "vocabulary.model"} <= found
    steps = {name.split("/")[1] for name in found if name.startswith("checkpoints/")}
    assert steps == {"4", "8", "12"}
    assert sum(name.startswith("tensorboard/") for name in found) == 1
    assert train(tiny_run, "gs://bucket/corpus", output)  # nothing is left to do
    assert not list(tmp_path.iterdir())


def test_commands_read_models_on_a_bucket(
    remote: cloud_storage.Bucket, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    upload(trained, "gs://bucket/model")
    words = ["gs://bucket/model", "--prompt", "ka", "--tokens", "3", "--temperature", "0"]
    assert main(["generate", *words]) == DONE
    there = capsys.readouterr().out
    assert main(["generate", str(trained), *words[1:]]) == DONE
    assert capsys.readouterr().out == there
    assert main(["evaluate", "gs://bucket/model", "--data", "gs://bucket/corpus"]) == DONE
    scores = json.loads(remote.blob("model/results.json").download_as_bytes())["sources"]
    assert f"{scores['all']['bits_per_byte']:.4f}" in capsys.readouterr().out
    models = ["gs://bucket/model", str(trained)]
    assert main(["compare", *models, "--output", str(tmp_path / "scale")]) == DONE
    assert capsys.readouterr().out.count(f"{scores['all']['bits_per_byte']:.4f}") == 2
    for words in (["export", "gs://bucket/model"], ["compare", *models]):
        assert main([*words, "--output", "gs://bucket/x"]) == USAGE
        assert "must be a path of this machine" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["scale"]


def test_logs_of_two_runs_stay_apart_and_go_on_elsewhere(
    remote: cloud_storage.Bucket, tiny_run: TrainConfig
) -> None:
    def write(run: str, step: int, loss: float) -> None:
        log = Log(tiny_run, f"gs://bucket/{run}", step - 1, 9)
        log.train(step, loss, 1.0, 0.1)
        log.publish()
        log.close()

    for run, step, loss in (("a", 1, 5.0), ("b", 1, 7.0), ("a", 2, 4.0), ("a", 3, 3.0)):
        write(run, step, loss)
    assert (losses("gs://bucket/a"), losses("gs://bucket/b")) == ([5.0, 4.0, 3.0], [7.0])
    write("a", 3, 2.5)  # resumed at step 2, on another machine for all it knows
    assert losses("gs://bucket/a") == [5.0, 4.0, 2.5]
    assert len(names(remote, "a/tensorboard/")) == 4


def test_log_that_cannot_be_copied_ends_no_run(
    remote: cloud_storage.Bucket, server: Server, tiny_run: TrainConfig,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    log = Log(tiny_run, "gs://bucket/full", 0, 9)
    log.train(1, 5.0, 1.0, 0.1)
    monkeypatch.setattr(server, "refuses", lambda address: "/bucket/o?" in address)
    log.publish()
    log.close()
    assert f"it is in {log.folder}: 403" in capsys.readouterr().err
    assert [entry["loss"] for entry in read_log(log.folder)] == [5.0]


@pytest.mark.heavy
def test_bad_batch_lies_beside_the_log(
    remote: cloud_storage.Bucket, tiny_run: TrainConfig, tmp_path: Path
) -> None:
    settings = dataclasses.replace(
        tiny_run.optimizer, learning_rate=1e30, warmup_learning_rate=1e30, warmup_steps=1
    )
    run = dataclasses.replace(tiny_run, optimizer=settings)
    with pytest.raises(StageError, match="the batch is in gs://bucket/bad/bad-batch-step-"):
        train(run, "gs://bucket/corpus", "gs://bucket/bad")
    (name,) = (name for name in names(remote, "") if name.startswith("bad/bad-batch"))
    batch = np.load(io.BytesIO(remote.blob(name).download_as_bytes()), allow_pickle=False)
    assert batch.shape == (16, 33)
    assert not list(tmp_path.iterdir())


def test_bucket_that_is_not_there_is_refused(
    remote: cloud_storage.Bucket, tiny_run: TrainConfig
) -> None:
    with pytest.raises(ConfigError, match="gs://none/run: 404"):
        train(tiny_run, "gs://bucket/corpus", "gs://none/run")
    with pytest.raises(ConfigError, match="only local paths and gs://"):
        train(tiny_run, "gs://bucket/corpus", "s3://bucket/run")


def test_missing_gcsfs_is_one_line_before_the_first_step(remote: cloud_storage.Bucket) -> None:
    code = "import sys; sys.modules['gcsfs'] = None; from massivetext.cli.main import main; "
    words = ["train", "nano", "--data", "gs://bucket/corpus", "--output", "gs://bucket/without"]
    words += ["--set", "model.context=32", "--set", "run.batch_tokens=[512]"]
    command = [sys.executable, "-c", code + "sys.exit(main(sys.argv[1:]))", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == USAGE, done.stderr
    (line,) = done.stderr.splitlines()
    assert "checkpoints on gs:// need the package gcsfs (pip install gcsfs)" in line
    assert not names(remote, "without/")


def signal_at_commit(
    server: Server, process: "subprocess.Popen[str]", step: str, number: int
) -> None:
    """Sends a signal when a step is saved but for the file that says so; SIGKILL keeps it out."""

    def refuses(address: str) -> bool:
        if f"name={step}/commit_success.txt" not in address:
            return False
        server.refuses = accept
        process.send_signal(number)
        return number == signal.SIGKILL

    server.refuses = refuses


def leave_files_of_another_host(bucket: cloud_storage.Bucket, whole: str, cut: str) -> None:
    """Copies a step's parameters to where a second host that was killed would have left some."""
    ours = f"{whole}/params/ocdbt.process_0/"
    for blob in list(bucket.list_blobs(prefix=ours)):
        name = blob.name.removeprefix(ours)
        bucket.copy_blob(blob, bucket, f"{cut}/params/ocdbt.process_1/{name}")
    assert names(bucket, f"{cut}/params/ocdbt.process_1/")


@pytest.mark.heavy
def test_killed_in_saves_and_stopped_and_resumed_is_bit_identical(
    bucket: cloud_storage.Bucket, server: Server, corpus: Path, tmp_path: Path
) -> None:
    finish(start(corpus, tmp_path))
    data, output, saves = "gs://bucket/corpus", "gs://bucket/cut", "cut/checkpoints"
    ends = ((10, signal.SIGKILL), (15, signal.SIGKILL), (20, signal.SIGTERM))
    for step, number in ends:
        process = start(data, output)
        signal_at_commit(server, process, f"{saves}/{step}", number)
        finish(process, STOPPED if number == signal.SIGTERM else -number)
        if step == 10:
            leave_files_of_another_host(bucket, f"{saves}/5", f"{saves}/10")
        else:
            assert not names(bucket, f"{saves}/10/params/ocdbt.process_1/")
    finish(start(data, output))
    assert same_bits(final_params(output), final_params(tmp_path))
    assert losses(output) == losses(tmp_path)
    assert len(losses(output)) == STEPS


@pytest.mark.heavy
def test_two_hosts_save_to_a_bucket_and_one_resumes(
    bucket: cloud_storage.Bucket, corpus: Path, tmp_path: Path
) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    data, output = "gs://bucket/corpus", "gs://bucket/hosts"
    start_host = test_hosts.start
    join = [("--hosts", address, "2", number) for number in "01"]
    test_hosts.finish(*[start_host(data, output, 4, *words) for words in join])
    assert names(bucket, "hosts/checkpoints/8/params/ocdbt.process_1/")
    bucket.delete_blobs(list(bucket.list_blobs(prefix="hosts/checkpoints/8/")))
    test_hosts.finish(start_host(data, output, 8), start_host(corpus, tmp_path, 8))
    np.testing.assert_allclose(losses(output), losses(tmp_path), rtol=1e-5)
    found, expected = load_model(output).params, load_model(str(tmp_path)).params
    jax.tree.map(partial(np.testing.assert_allclose, rtol=1e-3, atol=1e-5), found, expected)
