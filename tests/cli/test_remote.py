"""`lipwright speak --renderer` and `lipwright renderers` against a vendor on this machine."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import av
import pytest
from PIL import Image

from lipwright.cli.interrupts import Interrupts
from lipwright.cli.main import run
from lipwright.contracts.avatar import NEUTRAL, AvatarAsset, AvatarIdentity, Consent, FaceFacts, Use
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.render.remote import orders
from lipwright.settings import load_settings
from lipwright.store.digest import file_digest
from support.clips import tone, write_clip
from support.program import Program
from support.vendor_renderers import KEY, QUICK, Fate, RendererServer
from support.wav import write_wav

SAY = ("--text", "Good morning to all.", "--tts", "fake")


@dataclass
class Desk:
    """A shell in a folder of its own, beside a vendor."""

    server: RendererServer
    folder: Path
    capsys: pytest.CaptureFixture[str]
    code: int = 0
    error: str = ""

    def __call__(self, *arguments: str) -> str:
        """What a command prints; its exit code and its errors are kept."""
        self.code = run(arguments, Interrupts())
        printed = self.capsys.readouterr()
        self.error = printed.err
        return printed.out

    def json(self, *arguments: str) -> dict[str, object]:
        document: dict[str, object] = json.loads(self(*arguments, "--json"))
        return document


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_clip(tmp_path_factory.mktemp("made") / "made.mp4", frames=50, sound=[tone(440, 2.0)]).read_bytes()


@pytest.fixture
def server(clip: bytes) -> Iterator[RendererServer]:
    server = RendererServer(clip, looks=0)
    with server.running():
        yield server


@pytest.fixture
def shell(
    server: RendererServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    monkeypatch.chdir(tmp_path)
    for name, value in environment(server, tmp_path).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(orders, "Terms", lambda **given: replace(QUICK, **given))
    Image.new("RGB", (96, 64), (200, 160, 140)).save(tmp_path / "face.png")
    return Desk(server, tmp_path, capsys)


def environment(server: RendererServer, folder: Path) -> dict[str, str]:
    return {
        "LIPWRIGHT_HEYGEN_KEY": KEY,
        "LIPWRIGHT_HEYGEN_URL": server.url,
        "LIPWRIGHT_D_ID_KEY": KEY,
        "LIPWRIGHT_D_ID_URL": server.url,
        "LIPWRIGHT_ALLOW_PRIVATE_ADDRESSES": "true",
        "LIPWRIGHT_CACHE_DIR": str(folder / "cache"),
        "LIPWRIGHT_AVATARS_DIR": str(folder / "avatars"),
    }


def test_a_text_is_spoken_here_and_its_video_carries_our_mark(shell: Desk) -> None:
    said = shell("speak", "--renderer", "heygen", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert shell.code == 0, shell.error
    assert said.splitlines() == [
        "out.mp4: 2.0 s, 64x64, 25 frames/s",
        "  heygen: 0.50 USD (30 s billed)",
        "  note: heygen has face.png now; whoever it shows must have agreed to that",
    ]
    with av.open("out.mp4") as container:
        assert container.metadata["title"] == "out"
        assert container.metadata["comment"] == SYNTHETIC
        assert sorted(stream.type for stream in container.streams) == ["audio", "video"]
    assert shell.server.kept() == {"sound-1": 1}


def test_the_same_command_again_asks_the_vendor_for_nothing(shell: Desk) -> None:
    wish = ("speak", "--renderer", "heygen", "--face", "face.png", *SAY, "-o", "out.mp4")
    first = shell.json(*wish)
    assert first["ordered"] is True
    assert first["cost"] == {"billed_s": 30, "unused_s": 28.0, "amount": "0.50", "currency": "USD"}
    asked, made = len(shell.server.received), Path("out.mp4").read_bytes()
    Path("out.mp4").unlink()
    again = shell.json(*wish)
    assert again["ordered"] is False
    assert len(shell.server.received) == asked
    assert Path("out.mp4").read_bytes() == made
    assert "nothing more is to pay" in shell(*wish)


def test_another_input_is_another_order(shell: Desk) -> None:
    other_words = ("--text", "Good evening to all.", "--tts", "fake")
    for wish in (SAY, other_words, (*SAY, "--speed", "1.2"), (*SAY, "--size", "720x1280")):
        done = shell.json("speak", "--renderer", "heygen", "--face", "face.png", *wish, "-o", "out.mp4")
        assert done["ordered"] is True
    assert len(shell.server.jobs) == 4


def test_a_recording_is_keyed_by_its_file_and_sent_as_mp3(shell: Desk) -> None:
    write_wav(shell.folder / "talk.wav", tone(300, 2.0), 48_000)
    wish = ("speak", "--renderer", "d-id", "--face", "face.png", "--audio", "talk.wav", "-o", "out.mp4")
    assert shell.json(*wish)["ordered"] is True
    sound = next(upload for upload in shell.server.uploads if upload.path.endswith("/audios"))
    assert b"speech.mp3" in sound.body
    assert shell.json(*wish)["ordered"] is False


def test_the_cheapest_for_the_length_is_chosen_and_the_reason_told(shell: Desk) -> None:
    report = shell.json("speak", "--renderer", "cheapest", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert report["renderer"] == "heygen-v3"
    choice = str(report["choice"])
    assert choice.index("heygen-v3: 0.") < choice.index("heygen: 0.50 USD (30 s billed)")
    assert "d-id: price not known" in choice


def test_where_the_photo_was_taken_does_not_leave_the_machine(shell: Desk) -> None:
    picture = Image.new("RGB", (64, 96), (200, 160, 140))
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    picture.save(shell.folder / "photo.jpg", exif=exif)
    assert b"taken at home" in (shell.folder / "photo.jpg").read_bytes()
    shell("speak", "--renderer", "heygen", "--face", "photo.jpg", *SAY, "-o", "out.mp4")
    face = next(upload for upload in shell.server.uploads if upload.path.endswith("talking_photo"))
    assert face.body.startswith(b"\x89PNG")
    assert b"taken at home" not in face.body
    ordered = next(one.json for one in shell.server.received if one.path == "/v2/video/generate")
    assert ordered["dimension"] == {"width": 720, "height": 1280}


def test_a_vendor_s_voice_gets_the_words_and_no_sound(shell: Desk) -> None:
    wish = ("speak", "--renderer", "d-id", "--face", "face.png", "--text", "Hello.", "--voice", "vendor:sara")
    shell(*wish, "-o", "out.mp4")
    assert shell.code == 0, shell.error
    assert [upload.path for upload in shell.server.uploads] == ["/images"]
    assert shell.server.kept() == {"Hello.": 1}


def test_a_vendor_s_avatar_needs_no_photo(shell: Desk) -> None:
    shell("speak", "--renderer", "heygen", "--avatar", "vendor:anna_9", *SAY, "-o", "out.mp4")
    assert shell.code == 0, shell.error
    ordered = next(one.json for one in shell.server.received if one.path == "/v2/video/generate")
    assert ordered["video_inputs"][0]["character"]["avatar_id"] == "anna_9"


@pytest.fixture
def maya(shell: Desk) -> Callable[[Consent], None]:
    """Makes an avatar of nobody."""

    def make(consent: Consent) -> None:
        face = shell.folder / "face.png"
        asset = AvatarAsset(name=NEUTRAL, digest=file_digest(face), media_type="image/png")
        facts = FaceFacts(
            width_px=96,
            height_px=64,
            eye_distance_px=30,
            sharpness=1,
            brightness=0.5,
            yaw_degrees=0,
            pitch_degrees=0,
        )
        AvatarLibrary(shell.folder / "avatars").save(
            AvatarIdentity(
                name="maya", kind="photo", assets=(asset,), face=facts, consent=consent, created_at="2026-01-01"
            ),
            {NEUTRAL: face},
        )

    return make


@pytest.mark.parametrize(
    ("consent", "words"),
    [
        ({"until": date(2026, 1, 2)}, "ended on 2026-01-02"),
        ({"uses": frozenset({Use.LIVE})}, "does not cover the use `video`"),
        ({"languages": frozenset({"de"})}, "does not cover `en-US`"),
        ({"purposes": frozenset({"training"})}, "each use has to name its purpose"),
    ],
)
def test_no_face_leaves_the_machine_without_consent(
    consent: dict[str, object], words: str, shell: Desk, maya: Callable[[Consent], None]
) -> None:
    given = {"person": "Nobody", "granted_on": date(2026, 1, 1), "uses": frozenset({Use.VIDEO}), **consent}
    maya(Consent.model_validate(given))
    assert shell("speak", "--renderer", "heygen", "--avatar", "maya", *SAY, "-o", "out.mp4") == ""
    assert shell.code == 2
    assert words in shell.error
    assert shell.server.received == []


def test_an_avatar_whose_consent_covers_it_is_sent(shell: Desk, maya: Callable[[Consent], None]) -> None:
    maya(
        Consent(person="Nobody", granted_on=date(2026, 1, 1), uses=frozenset({Use.VIDEO}), languages=frozenset({"en"}))
    )
    write_wav(shell.folder / "talk.wav", tone(300, 2.0), 48_000)
    wish = ("speak", "--renderer", "heygen", "--avatar", "maya", "--audio", "talk.wav", "-o", "out.mp4")
    shell(*wish)
    assert "--language" in shell.error
    assert shell.server.received == []
    assert "note" not in shell(*wish, "--language", "en-GB")
    assert shell.code == 0, shell.error


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (("--renderer", "heygn", *SAY), "Did you mean `heygen`"),
        (("--renderer", "heygen", *SAY, "--fps", "30"), "--fps: a remote renderer does not know it"),
        (("--renderer", "heygen", *SAY, "--label"), "--label"),
        (("--renderer", "heygen", *SAY, "--subtitles", "srt"), "--subtitles"),
        (("--renderer", "heygen", *SAY, "--size", "3840x2160"), "up to 1920x1080"),
        (("--renderer", "heygen", "--text", "Hi.", "--voice", "vendor:"), "the vendor's id is missing"),
        (("--renderer", "heygen", "--text", "Hi.", "--voice", "vendor:a", "--speed", "1.1"), "--speed"),
        (("--renderer", "cheapest", "--text", "Hi.", "--voice", "vendor:a"), "Name a renderer"),
        (("--renderer", "heygen", "--script", "launch.md"), "makes no scenes"),
        (("--renderer", "heygen", "--text", "Hi. [pause 1s] You.", "--voice", "vendor:a"), "read [pause] aloud"),
        (("--renderer", "heygen"), "nothing to say"),
    ],
)
def test_what_a_vendor_cannot_do_is_refused_before_anything_is_sent(
    wish: tuple[str, ...], words: str, shell: Desk
) -> None:
    assert shell("speak", "--face", "face.png", *wish, "-o", "out.mp4") == ""
    assert words in shell.error
    assert shell.server.received == []
    assert not Path("out.mp4").exists()


def test_a_video_of_somebody_is_refused(shell: Desk, clip: bytes) -> None:
    (shell.folder / "clip.mp4").write_bytes(clip)
    shell("speak", "--renderer", "heygen", "--face", "clip.mp4", *SAY, "-o", "out.mp4")
    assert "takes a photo" in shell.error


def test_a_renderer_without_a_key_says_which_to_set(shell: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEYGEN_KEY", "HEYGEN_URL", "D_ID_KEY", "D_ID_URL"):
        monkeypatch.setenv(f"LIPWRIGHT_{name}", "")
    shell("speak", "--renderer", "d-id", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert (shell.code, shell.error) == (3, "error: d-id: there is no key for it. Set LIPWRIGHT_D_ID_KEY.\n")
    shell("speak", "--renderer", "cheapest", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert "no remote renderer is configured" in shell.error
    assert "LIPWRIGHT_HEYGEN_KEY" in shell("renderers")


def test_what_a_vendor_refuses_is_told_and_may_be_tried_again(shell: Desk) -> None:
    shell.server.fates = [Fate.REFUSED]
    wish = ("speak", "--renderer", "heygen", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert shell(*wish) == ""
    assert (shell.code, shell.error) == (3, "error: heygen: cannot make the video (no face). Change the order.\n")
    assert shell.json(*wish)["ordered"] is True


def test_a_wrong_key_is_told_without_it(shell: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPWRIGHT_HEYGEN_KEY", "key-wrong-77")
    shell("speak", "--renderer", "heygen", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert shell.code == 3
    assert "LIPWRIGHT_HEYGEN_KEY" in shell.error
    assert "key-wrong-77" not in shell.error


def test_the_setting_names_the_renderer(shell: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPWRIGHT_RENDERER", "heygen")
    assert shell.json("speak", "--face", "face.png", *SAY, "-o", "out.mp4")["renderer"] == "heygen"


OWN = """
name = "own-vendor"
[server]
url = "URL"
key_header = "X-Api-Key"
[capability]
max_width_px = 1280
max_height_px = 720
billing_increment_s = 60
price_per_minute = "0.10"
[submit]
path = "/v2/video/generate"
id = "data.video_id"
body = { callback_id = "{reference}" }
avatar = { presenter = "{avatar}" }
text = { script = "{text}", voice = "{voice}" }
[state]
path = "/v1/video_status.get?video_id={id}"
status = "data.status"
url = "data.video_url"
working = ["processing"]
done = ["completed"]
failed = ["failed"]
"""


@pytest.fixture
def own(shell: Desk, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a renderer of one's own."""
    folder = shell.folder / "vendors"
    folder.mkdir()
    (folder / "own.toml").write_text(OWN.replace("URL", shell.server.url))
    monkeypatch.setenv("LIPWRIGHT_RENDERERS_DIR", str(folder))
    monkeypatch.setenv("LIPWRIGHT_RENDERER_KEYS", f"own-vendor={KEY}")
    return folder


@pytest.mark.usefixtures("own")
def test_a_renderer_of_one_s_own_has_its_file_and_its_key(shell: Desk) -> None:
    wish = ("speak", "--renderer", "own-vendor", "--avatar", "vendor:p1", "--text", "Hi.", "--voice", "vendor:v1")
    report = shell.json(*wish, "-o", "out.mp4")
    assert report["cost"] == {"billed_s": 60, "unused_s": 58.0, "amount": "0.10", "currency": "USD"}
    assert "own-vendor" in shell("renderers")
    shell("speak", "--renderer", "own-vendor", "--face", "face.png", *SAY, "-o", "out.mp4")
    assert "own-vendor: does not take pictures of your own" in shell.error


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("sk-a1b2c3", "entry 1 is no name=value"),
        ("own-vendr=sk-a1b2c3", "Did you mean `own-vendor`"),
        (f"own-vendor={KEY} sk-a1b2c3==", "entry 2 is for no renderer"),
    ],
)
@pytest.mark.usefixtures("own")
def test_keys_that_are_written_wrongly_are_told_and_not_shown(
    keys: str, words: str, shell: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LIPWRIGHT_RENDERER_KEYS", keys)
    shell("renderers")
    assert words in shell.error
    assert "sk-a1b2c3" not in shell.error


def test_two_files_of_one_name_are_refused(shell: Desk, own: Path) -> None:
    (own / "same.toml").write_text((own / "own.toml").read_text())
    shell("renderers")
    assert "the name `own-vendor` is taken" in shell.error


def test_no_secret_is_in_what_settings_show_of_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("HEYGEN_KEY", "HEYGEN_SECRET", "D_ID_KEY", "D_ID_SECRET", "RENDERER_KEYS", "RENDERER_SECRETS")
    for name in names:
        monkeypatch.setenv(f"LIPWRIGHT_{name}", "a=sk-1")
    settings = load_settings()
    assert settings.heygen_key.get_secret_value() == "a=sk-1"
    assert "sk-1" not in f"{settings!r} {settings}"


def test_renderers_are_listed_with_what_a_clip_costs(shell: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPWRIGHT_RENDERER_CALLBACK_URL", "https://lipwright.example/")
    monkeypatch.setenv("LIPWRIGHT_HEYGEN_SECRET", "s" * 32)
    listed = shell.json("renderers", "--seconds", "14", "--clips", "50")
    assert listed["cheapest"] == "heygen"
    found = {entry["name"]: entry for entry in listed["renderers"]}  # type: ignore[attr-defined, index]
    assert {name: entry["cost"]["amount"] for name, entry in found.items()} == {
        "d-id": None,
        "heygen": "24.75",
        "heygen-v3": "35.00",
    }
    assert {name: entry["called_back"] for name, entry in found.items()} == {
        "d-id": False,
        "heygen": True,
        "heygen-v3": True,
    }
    lines = shell("renderers", "--seconds", "14").splitlines()
    assert len(lines) == 4
    assert lines[2].endswith("0.50 USD (30 s)  cheapest")
    assert "s" * 32 not in "".join(lines)


def test_a_callback_address_goes_with_the_order(shell: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIPWRIGHT_RENDERER_CALLBACK_URL", f"{shell.server.url}/nowhere")
    monkeypatch.setenv("LIPWRIGHT_D_ID_SECRET", "s" * 32)
    shell("speak", "--renderer", "d-id", "--face", "face.png", *SAY, "-o", "out.mp4")
    ordered = next(one.json for one in shell.server.received if one.path == "/talks" and one.method == "POST")
    assert ordered["webhook"].startswith(f"{shell.server.url}/nowhere/renderers/d-id/callbacks/")
    shell.server.wait_for_calls()


def test_ctrl_c_leaves_the_order_and_the_same_command_picks_it_up(
    server: RendererServer, lipwright: Program, tmp_path: Path
) -> None:
    server.fates = [Fate.STUCK]
    Image.new("RGB", (96, 64), (200, 160, 140)).save(tmp_path / "face.png")
    given = {**os.environ, **environment(server, tmp_path)}
    arguments = ("speak", "--renderer", "heygen", "--face", "face.png", *SAY, "-o", "out.mp4")
    started = subprocess.Popen(
        [sys.executable, "-m", "lipwright.cli.main", *arguments],
        cwd=tmp_path,
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    server.wait_for_orders(1)
    started.send_signal(signal.SIGINT)
    said, error = started.communicate(timeout=60)
    assert (started.returncode, said) == (130, "")
    assert "what was ordered is waited for, and not paid for again" in error
    assert not (tmp_path / "out.mp4").exists()
    next(iter(server.jobs.values())).fate = Fate.GOOD
    done = lipwright(*arguments, "--json", environment=environment(server, tmp_path))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["ordered"] is False
    assert len(server.jobs) == 1
