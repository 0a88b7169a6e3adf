"""An avatar is made from a photo: its mouth is shut, its files are a graph, and it is kept whole or not at all."""

import wave
from datetime import date
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from lipwright.contracts.avatar import SHEET, VOICE_SAMPLE, Consent, Use
from lipwright.contracts.progress import SilentProgress
from lipwright.errors import (
    AvatarExists,
    Cancelled,
    ConsentMissing,
    FaceNotFound,
    MediaNotFound,
    UsageError,
    VoiceUnknown,
)
from lipwright.media.image import load_image
from lipwright.pipeline.avatar.create import create_avatar, remove_avatar, run_stage, stages
from lipwright.pipeline.avatar.face_facts import only_face
from lipwright.pipeline.avatar.graph import identity_of
from lipwright.pipeline.avatar.neutral import neutral_picture
from lipwright.pipeline.avatar.picture import read_picture
from lipwright.pipeline.avatar.request import AvatarRequest
from lipwright.pipeline.avatar.sheet_cells import ROWS
from lipwright.render.portrait.mouth_shape import inner_gap
from lipwright.speech.tts.fake import FakeTts
from support.avatars import Studio

CLONES = Consent(person="Nobody", granted_on=date(2026, 1, 1), uses=frozenset({Use.VIDEO, Use.CLONE_VOICE}))


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of a hum."""
    path = tmp_path_factory.mktemp("sample") / "voice.wav"
    hum = 0.3 * np.sin(2 * np.pi * 220 * np.arange(32_000) / 16_000)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((hum * 32767).astype("<i2").tobytes())
    return path


def test_every_file_is_there_and_says_what_it_was_made_from(of_photo: Studio) -> None:
    identity = of_photo.library.load("nobody")
    made_from = {asset.name: asset.made_from for asset in identity.assets}

    assert identity.kind == "photo"
    assert made_from["photo.png"] == ()
    assert made_from["neutral.png"] == ("photo.png",)
    assert made_from["matte.png"] == ("neutral.png", "mesh.json")
    assert made_from["pose-again.png"] == ("photo-again.png",)
    assert made_from["sheet.png"] == tuple(name for name in made_from if name.startswith("sheet/"))
    assert {asset.made_by for asset in identity.assets if asset.name == "neutral.png"} == {"neutral@1"}
    assert identity.poses() == ("again",)
    assert identity.voice is not None
    assert (identity.voice.engine, identity.voice.voice, identity.voice.language) == ("fake", "tone_fr", "fr")
    for asset in identity.assets:
        assert of_photo.library.path("nobody", asset.name).is_file()


def test_a_shut_mouth_stays_as_it_is(of_photo: Studio, drawn_portrait: Path) -> None:
    person = read_picture(of_photo.library, "nobody")

    np.testing.assert_array_equal(person.image, load_image(drawn_portrait).image)
    assert person.alpha.shape == person.image.shape[:2]
    assert person.alpha.max() == 1
    assert 0.2 < person.alpha.mean() < 0.9, "a person before a background"
    assert inner_gap(person.mesh.points.astype(np.float64)) < 0.02 * person.mesh.eye_distance_px


def test_an_open_mouth_is_drawn_shut_and_the_rest_stays() -> None:
    photo = np.asarray(data.astronaut())
    face = only_face(photo, "photo.png")

    neutral, alpha, mesh = neutral_picture(photo, None, face)

    eyes = face.eye_distance_px
    assert inner_gap(face.points.astype(np.float64)) > 0.05 * eyes, "it smiles"
    assert inner_gap(mesh.points.astype(np.float64)) < 0.02 * eyes
    assert alpha is None
    changed = np.abs(neutral.astype(int) - photo).max(axis=2) > 8
    rows, columns = np.nonzero(changed)
    mouth = face.points[[61, 291], :2].mean(axis=0)
    assert np.abs(np.median(columns) - mouth[0]) < 0.3 * eyes
    assert np.abs(np.median(rows) - mouth[1]) < 0.5 * eyes
    assert not changed[: int(face.points[[159, 386], 1].min())].any(), "nothing above the eyes"


def test_a_person_far_away_is_framed_with_even_sides() -> None:
    photo = np.full((901, 1501, 3), 120, np.uint8)
    photo[300:555, 1:257] = np.asarray(data.astronaut())[:255, 96:352]
    neutral, _, mesh = neutral_picture(photo, None, only_face(photo, "photo.png"))

    assert neutral.shape[0] % 2 == neutral.shape[1] % 2 == 0
    assert neutral.shape[1] < 1000
    assert 0 < mesh.points[:, 0].min() < mesh.points[:, 0].max() < neutral.shape[1]


def test_a_photo_that_was_cut_out_keeps_its_own_matte(studio: Studio, drawn_portrait: Path, tmp_path: Path) -> None:
    image = load_image(drawn_portrait).image
    alpha = np.zeros(image.shape[:2], np.uint8)
    cv2.ellipse(alpha, (192, 200), (150, 190), 0, 0, 360, 255, -1)
    cut = tmp_path / "cut.png"
    Image.fromarray(np.dstack([image, alpha])).save(cut)

    studio(photo=cut)

    np.testing.assert_array_equal(read_picture(studio.library, "nobody").alpha, alpha / np.float32(255))


def test_the_sheet_shows_every_part(of_photo: Studio) -> None:
    sheet = load_image(of_photo.library.path("nobody", SHEET)).image
    parts = {
        (row, column): load_image(of_photo.library.path("nobody", f"sheet/{row}-{column}.png")).image
        for row, (_, cells) in enumerate(ROWS)
        for column, _ in enumerate(cells)
    }

    assert sheet.shape[0] > 4 * 336
    assert len({part.shape for part in parts.values()}) == 1
    names = {cell.name: parts[row, column] for row, (_, cells) in enumerate(ROWS) for column, cell in enumerate(cells)}
    rest = names.pop("rest").astype(int)
    np.testing.assert_array_equal(names.pop("ahead"), rest)
    for name, part in names.items():
        assert np.abs(part - rest).max() > 20, f"{name} looks like rest"
    eyes, mouth = slice(90, 190), slice(190, 280)
    assert np.abs(names["blink"] - rest)[eyes].sum() > 5 * np.abs(names["blink"] - rest)[mouth].sum()
    assert np.abs(names["ah"] - rest)[mouth].sum() > 5 * np.abs(names["ah"] - rest)[eyes].sum()


def test_stages_run_one_by_one_and_give_the_same_files_again(
    of_photo: Studio, drawn_portrait: Path, tmp_path: Path
) -> None:
    consent = of_photo.library.load("nobody").consent
    request = AvatarRequest("nobody", consent, photo=drawn_portrait, poses={"again": drawn_portrait}, voice="tone_fr")
    files: dict[str, Path] = {}
    for stage in stages(request):
        folder = tmp_path / stage
        folder.mkdir()
        made = run_stage(
            stage, request, files, folder, tts=FakeTts, cloner=lambda: of_photo.cloner, progress=SilentProgress()
        )
        assert all(path.is_relative_to(folder) for path in made.values())
        files |= made

    identity = identity_of(request, files, "2026-01-01T00:00:00Z")

    assert stages(request) == ("validate", "neutral", "matte", "sheet", "voice")
    assert identity.assets == of_photo.library.load("nobody").assets


def test_a_voice_is_copied_from_a_sample_and_removed_with_the_avatar(
    studio: Studio, drawn_portrait: Path, sample: Path
) -> None:
    identity = studio(photo=drawn_portrait, consent=CLONES, voice_sample=sample)

    assert identity.voice is not None
    assert identity.voice.cloned_from == identity.digest(VOICE_SAMPLE)
    assert studio.cloner.cloned == ["lipwright avatar nobody"]
    with wave.open(str(studio.library.path("nobody", VOICE_SAMPLE))) as kept:
        assert kept.getnframes() / kept.getframerate() == pytest.approx(2, abs=0.01)

    remove_avatar("nobody", library=studio.library, cloner=lambda: studio.cloner)
    assert studio.cloner.forgotten == [identity.voice.voice]
    assert studio.library.names() == ()


def test_a_copied_voice_is_removed_when_the_avatar_cannot_be_kept(
    studio: Studio, drawn_portrait: Path, sample: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def taken(*_: object) -> None:
        raise AvatarExists("somebody was quicker")

    monkeypatch.setattr(studio.library, "save", taken)
    with pytest.raises(AvatarExists):
        studio(photo=drawn_portrait, consent=CLONES, voice_sample=sample)

    assert len(studio.cloner.cloned) == len(studio.cloner.forgotten) == 1


def test_a_voice_is_not_copied_without_consent(studio: Studio, drawn_portrait: Path, sample: Path) -> None:
    with pytest.raises(ConsentMissing, match="clone-voice"):
        studio(photo=drawn_portrait, voice_sample=sample)

    assert studio.cloner.cloned == []
    assert studio.library.names() == ()


@pytest.mark.parametrize(
    ("wanted", "refused", "said"),
    [
        ({}, UsageError, "--photo or --clip"),
        ({"photo": Path("a.png"), "clip": Path("a.mp4")}, UsageError, "--photo or --clip"),
        ({"name": "../maya", "photo": Path("a.png")}, UsageError, "small letters"),
        ({"photo": Path("a.png"), "poses": {"../x": Path("a.png")}}, UsageError, "no name for a pose"),
        (
            {"photo": Path("a.png"), "consent": CLONES, "voice": "v", "voice_sample": Path("a.wav")},
            UsageError,
            "--voice",
        ),
        ({"photo": Path("missing.png")}, MediaNotFound, "missing.png"),
        (
            {
                "photo": Path("a.png"),
                "consent": CLONES.model_copy(update={"granted_on": date(2020, 1, 1), "until": date(2021, 1, 1)}),
            },
            ConsentMissing,
            "ended on 2021-01-01",
        ),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused(
    studio: Studio, wanted: dict[str, object], refused: type[Exception], said: str
) -> None:
    with pytest.raises(refused, match=said):
        studio(**wanted)
    assert studio.library.names() == ()


def test_nothing_is_kept_when_a_late_stage_fails(studio: Studio, drawn_portrait: Path) -> None:
    with pytest.raises(VoiceUnknown):
        studio(photo=drawn_portrait, voice="tone_xx")

    assert studio.library.names() == ()


def test_a_pose_without_a_face_is_named(studio: Studio, drawn_portrait: Path, tmp_path: Path) -> None:
    wall = tmp_path / "wall.png"
    Image.new("RGB", (200, 200)).save(wall)

    with pytest.raises(FaceNotFound, match="wall"):
        studio(photo=drawn_portrait, poses={"again": wall})


def test_a_pose_that_there_is_not_gets_a_suggestion(of_photo: Studio) -> None:
    assert read_picture(of_photo.library, "nobody", "again").mesh.presence > 0.5
    with pytest.raises(UsageError, match="Did you mean `again`"):
        read_picture(of_photo.library, "nobody", "agian")


def test_a_name_that_is_taken_is_refused_before_the_work(of_photo: Studio) -> None:
    with pytest.raises(AvatarExists):
        of_photo(photo=Path("missing.png"))


def test_somebody_who_stops_it_leaves_nothing(studio: Studio, drawn_portrait: Path) -> None:
    class Stopping(SilentProgress):
        def check_cancelled(self) -> None:
            raise Cancelled("stopped")

    consent = Consent(person="Nobody", granted_on=date(2026, 1, 1), uses=frozenset({Use.VIDEO}))
    with pytest.raises(Cancelled):
        create_avatar(
            AvatarRequest("nobody", consent, photo=drawn_portrait),
            library=studio.library,
            tts=FakeTts,
            cloner=lambda: studio.cloner,
            progress=Stopping(),
        )
    assert studio.library.names() == ()
