"""`lipwright avatar ...` in a library of its own."""

import json
from pathlib import Path

import pytest

from lipwright.cli import main
from lipwright.cli.interrupts import Interrupts
from lipwright.contracts.avatar import AvatarIdentity

CONSENT = {"person": "Nobody At All", "granted_on": "2026-01-01", "uses": ["video"], "languages": ["pt"]}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LIPWRIGHT_AVATARS_DIR", str(tmp_path / "avatars"))
    return tmp_path / "avatars"


@pytest.fixture
def consent(tmp_path: Path) -> str:
    path = tmp_path / "consent.json"
    path.write_text(json.dumps(CONSENT))
    return str(path)


def avatar(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main.run(["avatar", *arguments], Interrupts()) == code
    told = capsys.readouterr()
    return (told.err if code else told.out).strip()


def test_an_avatar_is_created_shown_listed_and_removed(
    capsys: pytest.CaptureFixture[str], place: Path, drawn_portrait: Path, consent: str
) -> None:
    pose = f"sitting={drawn_portrait}"
    created = avatar(
        capsys, "create", "maya", "--photo", str(drawn_portrait), "--consent", consent, "--pose", pose, "-v", "tone_fr",
        "--tts", "fake",
    )  # fmt: skip
    assert created == avatar(capsys, "show", "maya")
    assert created.startswith("maya: made from a photo")
    assert "voice    tone_fr (fr) of fake" in created
    assert "poses    sitting" in created
    assert "consent  Nobody At All, from 2026-01-01 without end: video; pt; any purpose" in created
    assert "neutral.png  neutral@1 from photo.png" in created
    assert "sheet/ (24 files)  sheet@1 from neutral.png, matte.png, mesh.json" in created

    shown = json.loads(avatar(capsys, "show", "maya", "--json"))
    sheet = Path(shown.pop("sheet"))
    assert sheet.is_relative_to(place)
    assert sheet.read_bytes().startswith(b"\x89PNG")
    assert AvatarIdentity.model_validate(shown).poses() == ("sitting",)

    assert avatar(capsys, "list").startswith("maya  photo  Nobody At All  20")
    assert json.loads(avatar(capsys, "list", "--json"))["avatars"][0]["name"] == "maya"

    said = avatar(capsys, "create", "maya", "--photo", str(drawn_portrait), "--consent", consent, code=2)
    assert "lipwright avatar remove maya" in said
    assert avatar(capsys, "remove", "maya") == "maya: removed"
    assert avatar(capsys, "list") == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("show", "maya"), "there is none of this name"),
        (("remove", "../maya"), "there is none of this name"),
        (("create", "maya", "--photo", "a.png", "--consent", "missing.json"), "missing.json"),
        (("create", "maya", "--photo", "a.png"), "--consent"),
    ],
)
def test_what_cannot_be_is_refused(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str) -> None:
    assert said in avatar(capsys, *arguments, code=2)


@pytest.mark.parametrize("poses", [["sitting"], ["=a.png"], ["sitting=a.png", "sitting=b.png"], ["Sit down=a.png"]])
def test_a_pose_that_is_none_is_refused(capsys: pytest.CaptureFixture[str], consent: str, poses: list[str]) -> None:
    given = [part for pose in poses for part in ("--pose", pose)]

    assert "--pose" in avatar(capsys, "create", "maya", "--photo", "a.png", "--consent", consent, *given, code=2)
