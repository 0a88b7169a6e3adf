"""`lipwright check` and `lipwright demo`, as a user runs them."""

import json
from pathlib import Path

import pytest
from PIL import Image

from support.program import Program, Speak


@pytest.fixture
def video(speak: Speak, photo: Path, tmp_path: Path) -> Path:
    done = speak(photo.name, "--text", "My mum may pay.")
    assert done.returncode == 0, done.stderr
    return tmp_path / "talk.mp4"


def test_report_is_a_table_a_document_and_a_contact_sheet(lipwright: Program, video: Path, tmp_path: Path) -> None:
    wishes = ("--photo", "photo.png", "--json", "report.json", "--sheet", "sheet.png")
    table = lipwright("check", video.name, *wishes)
    assert table.returncode in {0, 1}, table.stderr
    assert table.stderr == ""
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert table.returncode == (1 if report["verdict"] == "fail" else 0)
    assert len(table.stdout.splitlines()) == 1 + len(report["metrics"])
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert min(sheet.size) > 200
    alone = lipwright("check", video.name, "--photo", "photo.png", "--json", "-")
    assert json.loads(alone.stdout)["metrics"] == report["metrics"]


def test_without_its_sidecar_a_video_is_still_measured(lipwright: Program, video: Path) -> None:
    video.with_suffix(".lipwright.json").unlink()
    done = lipwright("check", video.name, "--json", "-")
    assert done.returncode in {0, 1}, done.stderr
    assert json.loads(done.stdout)["sidecar"] is None


@pytest.mark.parametrize(
    ("name", "content"),
    [("missing.mp4", None), ("empty.mp4", b""), ("text.mp4", b"no video"), ("cut.mp4", b"\0\0\0\x18ftyp")],
)
def test_what_is_no_video_is_refused(lipwright: Program, tmp_path: Path, name: str, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = lipwright("check", name)
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert name in done.stderr
    assert "Traceback" not in done.stderr


def test_sheet_is_a_png(lipwright: Program) -> None:
    done = lipwright("check", "talk.mp4", "--sheet", "sheet.jpg")
    assert done.returncode == 2
    assert "sheet.png" in done.stderr


def test_demo_speaks_is_labelled_and_measured(lipwright: Program, tmp_path: Path) -> None:
    pytest.importorskip("skimage.data", reason='pip install "lipwright[demo]"')
    done = lipwright("demo")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("out/demo.mp4: ")
    assert "frames with a face" in done.stdout
    assert (tmp_path / "out" / "demo.mp4").stat().st_size > 100_000
    sidecar = json.loads((tmp_path / "out" / "demo.lipwright.json").read_text(encoding="utf-8"))
    assert "synthetic" in sidecar["text"]


def test_video_is_compared_with_its_source(lipwright: Program, video: Path, tmp_path: Path) -> None:
    wishes = ("--driver", video.name, "--json", "report.json", "--html", "report.html")
    done = lipwright("check", video.name, "--against", video.name, *wishes)
    assert done.returncode in {0, 1}, done.stderr
    metrics = {metric["key"]: metric for metric in json.loads((tmp_path / "report.json").read_text())["metrics"]}
    assert metrics["grain_mouth"]["value"] == pytest.approx(1)
    assert metrics["outside_change"]["value"] == 0
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "gap_correlation" in page


@pytest.mark.parametrize(
    ("wishes", "said"),
    [
        (("--driver", "a.wav"), "--driver a.wav: needs the video that this one was made of. Add --against VIDEO."),
        (("--syncnet", "a.onnx"), "Add --against"),
        (("--html", "a.html"), "Add --against"),
        (("--html", "a.pdf", "--against", "b.mp4"), "Name it a.html"),
        (("--against", "b.mp4", "--photo", "c.png"), "Give one of them"),
        (("--against", "b.mp4"), "talk.mp4"),
    ],
)
def test_options_that_do_not_go_together_are_refused(lipwright: Program, wishes: tuple[str, ...], said: str) -> None:
    done = lipwright("check", "talk.mp4", *wishes)
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr
