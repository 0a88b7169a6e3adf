"""Scenes become one file: what a player finds in it, and what is made again."""

import hashlib
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.contracts.portrait import SYNTHETIC
from lipwright.contracts.progress import Progress, SilentProgress
from lipwright.errors import Cancelled
from lipwright.media.scenes import encode_scene
from lipwright.media.spool import AudioSpool
from lipwright.media.tracks import SubtitleTrack
from lipwright.media.writer import VideoFormat
from lipwright.pipeline.stages.score import SceneSound, score
from lipwright.pipeline.stages.stitch import StitchedScene, stitch
from lipwright.store.stages import StageStore
from support.clips import tone
from support.pattern import frame_number, numbered_frame, yuv_planes
from support.tracks import flash_times_s, heard_times_s, streams

RATE = 48_000


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StageStore]:
    with StageStore(tmp_path / "store") as opened:
        yield opened


def images(start: int, count: int, flashes: Sequence[int] = ()) -> Iterator[NDArray[np.uint8]]:
    for number in range(start, start + count):
        luma = numbered_frame(number, flash=number - start in flashes).y
        yield np.repeat(luma[:, :, None], 3, axis=2)


def drawn(
    folder: Path, lengths: Sequence[int], dissolve: int, fps: Fraction, flashes: Sequence[int] = ()
) -> list[StitchedScene]:
    made = []
    for number, length in enumerate(lengths):
        (place := folder / str(number)).mkdir(parents=True)
        head, tail = dissolve if number else 0, dissolve if number < len(lengths) - 1 else 0
        files = encode_scene(
            images(sum(lengths[:number]) - dissolve * number, length, flashes),
            place,
            VideoFormat(64, 48, fps),
            frame_count=length,
            head_frames=head,
            tail_frames=tail,
        )
        made.append(StitchedScene(files, f"Scene {number}"))
    return made


def stitched(
    output: Path,
    scenes: list[StitchedScene],
    store: StageStore,
    fps: Fraction = Fraction(25),
    subtitles: SubtitleTrack | None = None,
    progress: Progress | None = None,
) -> int:
    with AudioSpool() as sound:
        sound.append(tone(300, 4.0))
        return stitch(
            output,
            scenes,
            sound,
            VideoFormat(64, 48, fps),
            title="Grüße",
            subtitles=subtitles,
            store=store,
            progress=progress or SilentProgress(),
        )


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), Fraction(25), Fraction(30)])
@pytest.mark.parametrize("dissolve", [0, 7])
def test_clicks_stay_with_flashes_over_all_joins(
    tmp_path: Path, store: StageStore, fps: Fraction, dissolve: int
) -> None:
    lengths, flashes = (45, 60, 45, 51), (8, 30)
    scenes = drawn(tmp_path, lengths, dissolve, fps, flashes)
    starts = [sum(lengths[:number]) - dissolve * number for number in range(4)]
    sounds = []
    for start, length in zip(starts, lengths, strict=True):
        spool = AudioSpool()
        sounds.append(SceneSound(spool, start, length))
        samples = np.zeros(int(length * RATE / fps), np.float32)
        for flash in flashes:
            samples[round(flash * RATE / fps) :][:96] = tone(4000, 0.002)
        spool.append(samples)
    count = starts[-1] + lengths[-1]
    with score(sounds, count, fps, progress=SilentProgress()) as sound:
        for one in sounds:
            if one.sound is not None:
                one.sound.close()
        given = stitch(
            tmp_path / "all.mp4",
            scenes,
            sound,
            VideoFormat(64, 48, fps),
            title="",
            store=store,
            progress=SilentProgress(),
        )
    assert given == count
    seen = flash_times_s(tmp_path / "all.mp4")
    assert seen == [pytest.approx(float((start + flash) / fps)) for start in starts for flash in flashes]
    assert heard_times_s(tmp_path / "all.mp4", 0) == [pytest.approx(at, abs=0.002) for at in seen]
    with av.open(str(tmp_path / "all.mp4")) as container:
        numbers = [frame_number(yuv_planes(picture)) for picture in container.decode(video=0)]
        assert numbers == list(range(count))
        assert container.streams.audio[0].start_time == 0
        assert abs(container.duration / av.time_base - float(count / fps)) < 0.001


def test_file_says_what_it_is_and_has_a_chapter_for_each_scene(tmp_path: Path, store: StageStore) -> None:
    scenes = drawn(tmp_path, (30, 30, 40), 10, Fraction(25))
    scenes[1] = StitchedScene(scenes[1].files, "")
    cues = (Cue("Hallo", 0.2, 1.0), Cue("Ende", 2.0, 9.0))
    assert stitched(tmp_path / "all.mp4", scenes, store, subtitles=SubtitleTrack(cues, "de-AT")) == 80
    with av.open(str(tmp_path / "all.mp4")) as container:
        assert container.metadata["title"] == "Grüße"
        assert container.metadata["comment"] == SYNTHETIC
        found = [
            (one["start"] * one["time_base"], one["end"] * one["time_base"], one["metadata"]["title"])
            for one in container.chapters()
        ]
    assert found == [
        (0, Fraction(4, 5), "Scene 0"),
        (Fraction(4, 5), Fraction(8, 5), "2"),
        (Fraction(8, 5), Fraction(16, 5), "Scene 2"),
    ]
    kinds = [stream[:3] for stream in streams(tmp_path / "all.mp4")]
    assert kinds[:2] == [("video", "h264", "und"), ("audio", "aac", "und")]
    assert ("subtitle", "mov_text", "deu") in kinds


def test_single_scene_has_no_chapters(tmp_path: Path, store: StageStore) -> None:
    assert stitched(tmp_path / "all.mp4", drawn(tmp_path, (30,), 0, Fraction(25)), store) == 30
    with av.open(str(tmp_path / "all.mp4")) as container:
        assert list(container.chapters()) == []


def test_dissolves_are_made_once_and_the_file_has_the_same_bytes_again(tmp_path: Path, store: StageStore) -> None:
    scenes = drawn(tmp_path, (30, 30, 40), 10, Fraction(25))
    digests, results = set(), []
    for name in ("a.mp4", "b.mp4"):
        stitched(tmp_path / name, scenes, store)
        digests.add(hashlib.sha256((tmp_path / name).read_bytes()).hexdigest())
        results.append(sorted(path.name for path in (tmp_path / "store" / "results").rglob("*")))
    assert len(digests) == 1
    assert results[0] == results[1]


def test_cancelling_leaves_the_older_file(tmp_path: Path, store: StageStore) -> None:
    class Stopped(SilentProgress):
        def check_cancelled(self) -> None:
            raise Cancelled("nobody wants it")

    (tmp_path / "all.mp4").write_bytes(b"older")
    scenes = drawn(tmp_path, (30, 30), 0, Fraction(25))
    with pytest.raises(Cancelled):
        stitched(tmp_path / "all.mp4", scenes, store, progress=Stopped())
    assert (tmp_path / "all.mp4").read_bytes() == b"older"
