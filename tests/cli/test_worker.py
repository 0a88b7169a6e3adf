"""`lipwright worker` and `lipwright serve` before they begin to work."""

import socket
from pathlib import Path

from lipwright.cli.worker import ALL_QUEUES, service_settings
from lipwright.jobs.queues import QUEUES
from lipwright.settings import Settings
from lipwright.wiring.service import build_database, signing_key
from support.program import Program


def test_a_worker_does_everything_unless_it_is_told() -> None:
    assert ALL_QUEUES.split(",") == list(QUEUES)


def test_a_queue_that_there_is_not_is_refused(lipwright: Program) -> None:
    done = lipwright("worker", "--queues", "gpu, cpus")

    assert done.returncode == 2
    assert "Did you mean `cpu`?" in done.stderr


def test_a_database_that_is_none_is_refused_without_its_password(lipwright: Program) -> None:
    done = lipwright("worker", "--database", "mysql://me:secret@host/db")

    assert done.returncode == 2
    assert "sqlite:///" in done.stderr
    assert "secret" not in done.stderr


def test_a_port_that_somebody_has_is_refused(lipwright: Program) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = lipwright("serve", "--no-worker", "--port", port)

    assert done.returncode == 2
    assert f"127.0.0.1:{port}" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_command_line_goes_before_the_settings() -> None:
    settings = Settings(database="sqlite:///a.db", storage="s3://a")

    assert service_settings(settings, None, "s3://b").storage == "s3://b"
    assert service_settings(settings, None, "s3://b").database == "sqlite:///a.db"


def test_without_settings_everything_is_in_the_data_folder(tmp_path: Path) -> None:
    place = tmp_path / "data"
    database = build_database(Settings(data_dir=place))
    database.migrate()
    database.close()
    key = signing_key(Settings(data_dir=place))

    assert {path.name for path in place.iterdir()} >= {"lipwright.db", "signing.key"}
    assert (place / "signing.key").stat().st_mode & 0o777 == 0o600
    assert signing_key(Settings(data_dir=place)) == key
