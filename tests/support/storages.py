"""Stores of assets in a folder, in memory, and on servers that stand for S3, for Azure and for Google Cloud Storage."""

import base64
import email.utils
import hashlib
import hmac
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from moto.server import ThreadedMotoServer

from lipwright.store.assets import AssetStore
from support.google_storage import GoogleStorage, google_storage

CONTENT = bytes(range(256)) * 100
DIGEST = hashlib.sha256(CONTENT).hexdigest()
ABSENT = "0" * 64
AZURITE_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
"""Every azurite has it. Source: its documentation."""
Open = Callable[..., AssetStore]


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The address of an S3 server of this process."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": s3,
        "AWS_ALLOW_HTTP": "true",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    assert httpx.put(f"{s3}/{name}").status_code == 200
    return f"s3://{name}/some/folder"


@pytest.fixture(scope="module")
def azure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of an Azure Blob Storage server, a process of its own."""
    program = shutil.which("azurite-blob")
    if program is None:
        pytest.skip("needs the program azurite-blob: npm install --global azurite")
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = int(free.getsockname()[1])
    arguments = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--inMemoryPersistence", "--silent"]
    with subprocess.Popen(
        [program, *arguments, "--skipApiVersionCheck", "--disableTelemetry"],
        cwd=tmp_path_factory.mktemp("azurite"),
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        while b"listens" not in (line := process.stdout.readline()):
            assert line
        yield port
        process.terminate()


@pytest.fixture
def container(azure: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new container."""
    account, key = "devstoreaccount1", AZURITE_KEY
    for name, value in {
        "AZURE_STORAGE_ACCOUNT_NAME": account,
        "AZURE_STORAGE_ACCOUNT_KEY": key,
        "AZURE_STORAGE_USE_EMULATOR": "true",
        "AZURITE_BLOB_STORAGE_URL": f"http://127.0.0.1:{azure}",
        "AZURE_ALLOW_HTTP": "true",
        "no_proxy": "127.0.0.1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"box-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    date = email.utils.formatdate(usegmt=True)
    signed = "\n".join(
        ["PUT", *[""] * 11, f"x-ms-date:{date}", "x-ms-version:2021-08-06", f"/{account}/{account}/{name}"]
    )
    signature = hmac.digest(base64.b64decode(key), f"{signed}\nrestype:container".encode(), "sha256")
    answer = httpx.put(
        f"http://127.0.0.1:{azure}/{account}/{name}?restype=container",
        headers={
            "x-ms-date": date,
            "x-ms-version": "2021-08-06",
            "Authorization": f"SharedKey {account}:{base64.b64encode(signature).decode()}",
        },
    )
    assert answer.status_code == 201
    return f"az://{name}/some/folder"


@pytest.fixture(scope="module")
def google() -> Iterator[GoogleStorage]:
    """A Google Cloud Storage of this process."""
    with google_storage() as storage:
        yield storage


@pytest.fixture
def google_bucket(google: GoogleStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of a new bucket."""
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT_KEY", google.key_file())
    monkeypatch.setenv("GOOGLE_ALLOW_HTTP", "true")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    name = f"bucket-{hashlib.sha256(str(tmp_path).encode()).hexdigest()[:12]}"
    google.buckets[name] = {}
    return f"gs://{name}/some/folder"


CLOUDS = {"s3": "bucket", "azure": "container", "google": "google_bucket"}


@pytest.fixture(params=["file", "memory", *CLOUDS])
def assets(request: pytest.FixtureRequest, tmp_path: Path) -> AssetStore:
    if request.param in CLOUDS:
        return AssetStore(request.getfixturevalue(CLOUDS[request.param]), tmp_path / "cache")
    return AssetStore(
        (tmp_path / "root with space").as_uri() if request.param == "file" else "memory://", tmp_path / "cache"
    )


@pytest.fixture
def folder(tmp_path: Path) -> AssetStore:
    return AssetStore((tmp_path / "root").as_uri(), tmp_path / "cache")


def files(folder: Path) -> list[str]:
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != "lock"
    )
