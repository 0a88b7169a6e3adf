"""An avatar of a clip: its scan and its mouths are read once, and found again without the clip being looked through."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from lipwright.contracts.avatar import CLIP, PHOTO
from lipwright.contracts.lipsync import LipSyncWindow
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.progress import SilentProgress
from lipwright.contracts.sync import Preset
from lipwright.errors import FaceError, MediaError, MediaNotFound, MediaTooLarge, MediaUnreadable
from lipwright.media.footage import index_footage, read_frames_at
from lipwright.media.image import load_image
from lipwright.media.writer import VideoFormat, VideoWriter
from lipwright.motion.shapes import load_shape_basis
from lipwright.pipeline.avatar import clip as clip_module
from lipwright.pipeline.avatar.bank import KeptBank, knowing
from lipwright.pipeline.avatar.kept_scan import restore_scan
from lipwright.pipeline.avatar.library import AvatarLibrary
from lipwright.pipeline.stages import scan as scan_module
from lipwright.pipeline.stages.meet import People, face_frame, face_region
from lipwright.pipeline.stages.scan import Scan, scan
from lipwright.render.lipsync.base import LipSyncer
from lipwright.render.lipsync.presets import Knobs, preset_tuning
from lipwright.render.rewrite.engine import Rewrite
from lipwright.store.digest import file_digest
from lipwright.store.stages import StageStore
from support.avatars import Studio
from support.talking import FPS, close_up

MOST = preset_tuning(Preset.BALANCED).most_exemplars


@pytest.fixture
def moved(of_clip: Studio, tmp_path: Path) -> AvatarLibrary:
    """The library, copied to another place."""
    shutil.copytree(of_clip.library.path("nobody", CLIP).parents[1], tmp_path / "moved")
    return AvatarLibrary(tmp_path / "moved")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "cache") as opened:
        yield opened


def scanned(library: AvatarLibrary, store: StageStore) -> Scan:
    clip = library.path("nobody", CLIP)
    footage = index_footage(clip)
    return scan(footage, file_digest(clip), footage.frame_count, store, SilentProgress())


def build(name: str, knobs: Knobs) -> LipSyncer:
    assert name == Rewrite.name
    return Rewrite(load_shape_basis(), seed=int(knobs["seed"]))


def test_the_clip_is_kept_as_it_is_and_its_best_frame_is_the_photo(of_clip: Studio, talking_clip: Path) -> None:
    identity = of_clip.library.load("nobody")
    made_from = {asset.name: asset.made_from for asset in identity.assets}

    assert identity.kind == "clip"
    assert identity.digest(CLIP) == file_digest(talking_clip)
    assert made_from[CLIP] == ()
    assert CLIP in made_from[PHOTO]
    assert CLIP in made_from["bank-0.npz"]
    photo = load_image(of_clip.library.path("nobody", PHOTO)).image
    assert photo.shape == (256, 256, 3)
    assert any("clip is short" in advice for advice in identity.face.advice)


def test_a_later_scan_finds_the_kept_one(
    moved: AvatarLibrary, store: StageStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh = scanned(moved, store)
    with StageStore(tmp_path / "emptied") as emptied:
        restore_scan(moved.load("nobody"), moved, emptied)
        monkeypatch.setattr(scan_module, "FaceScanner", None)  # nobody may look for faces again
        kept = scanned(moved, emptied)

    assert kept.digest == fresh.digest
    np.testing.assert_array_equal(kept.faces.tracks[0].features.values, fresh.faces.tracks[0].features.values)


def test_what_is_put_back_twice_is_put_back_once(moved: AvatarLibrary, store: StageStore) -> None:
    identity = moved.load("nobody")
    restore_scan(identity, moved, store)
    restore_scan(identity, moved, store)

    assert scanned(moved, store).faces.tracks


def test_an_engine_that_knows_the_person_draws_the_same_pixels_and_reads_one_frame(
    moved: AvatarLibrary, store: StageStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity = moved.load("nobody")
    restore_scan(identity, moved, store)
    footage = index_footage(moved.path("nobody", CLIP))
    faces = scanned(moved, store).faces
    factory = knowing(identity, moved, build)
    knobs = {"seed": 3}
    plain = People(footage, faces, engine="rewrite", most_exemplars=MOST, build=lambda name: build(name, knobs))
    known = People(footage, faces, engine="rewrite", most_exemplars=MOST, build=lambda name: factory(name, knobs))

    def drawn(people: People) -> list[np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        numbers = range(5, 13)
        gap = np.linspace(0, 0.1, len(numbers)).astype(np.float32)
        controls = np.zeros((len(numbers), 8), np.float32)
        controls[:, 2] = gap
        mouth = MouthTrack(footage.fps, controls, gap, np.zeros_like(gap))
        points = faces.tracks[0].read(numbers.start, numbers.stop).points
        given = [
            face_frame(frame, face_region(mesh, footage), mesh, 1.0, number)
            for frame, mesh, number in zip(read_frames_at(footage, numbers), points, numbers, strict=True)
        ]
        window = LipSyncWindow(footage.fps, iter(given), mouth, None)
        return [one.image for one in people.session(0).render(window)]

    expected = drawn(plain)
    for one, other in zip(expected, drawn(known), strict=True):
        np.testing.assert_array_equal(one, other)
    assert known.engine("rewrite").version > plain.engine("rewrite").version, "windows are told apart in the cache"
    again = People(footage, faces, engine="rewrite", most_exemplars=MOST, build=lambda name: factory(name, knobs))
    assert again.session(0) is known.session(0), "a session lives as long as the factory"


def test_frames_of_somebody_else_are_read_from_the_clip(moved: AvatarLibrary) -> None:
    bank = KeptBank.open(moved.path("nobody", "bank-0.npz"))
    first = next(bank.frames())

    assert bank.shows(first)
    assert not bank.shows(type(first)(first.image, first.points * 2, 1.0, first.number)), "of another size"
    assert not bank.shows(type(first)(first.image, first.points, 1.0, bank.end_frame)), "of another shot"


def test_a_bank_of_another_version_is_left_alone(moved: AvatarLibrary) -> None:
    identity = moved.load("nobody")
    older = tuple(
        asset.model_copy(update={"made_by": asset.made_by.replace("learn@", "learn@0")}) for asset in identity.assets
    )
    factory = knowing(identity.model_copy(update={"assets": older}), moved, build)
    first = next(KeptBank.open(moved.path("nobody", "bank-0.npz")).frames())
    session = factory("rewrite", {"seed": 3}).begin([first])

    assert session is not factory("rewrite", {"seed": 3}).begin([first]), "nothing is known of the person"


def test_what_is_no_bank_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bank-0.npz"
    path.write_bytes(b"no archive")

    with pytest.raises(MediaUnreadable):
        KeptBank.open(path)


def test_a_clip_that_is_too_long_is_refused(
    studio: Studio, talking_clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_module, "LONGEST_S", 2)

    with pytest.raises(MediaTooLarge, match="Cut it"):
        studio(clip=talking_clip)


def test_a_photo_is_no_clip(studio: Studio, drawn_portrait: Path) -> None:
    with pytest.raises(MediaError, match=str(drawn_portrait)):
        studio(clip=drawn_portrait)
    with pytest.raises(MediaNotFound, match=r"missing\.mp4"):
        studio(clip=Path("missing.mp4"))
    assert studio.library.names() == ()


def test_nobody_can_tell_who_is_meant_of_two(studio: Studio, tmp_path: Path) -> None:
    two = np.hstack([close_up(), close_up()])
    path = tmp_path / "two.mp4"
    with VideoWriter(path, VideoFormat(two.shape[1], two.shape[0], FPS)) as writer:
        for _ in range(15):
            writer.write(two)

    with pytest.raises(FaceError, match=r"two\.mp4: several people.*nobody can tell"):
        studio(clip=path)
