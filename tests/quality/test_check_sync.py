"""A rewritten mouth, measured: a source against itself, a right video, and one fault at a time."""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.face import FaceMesh
from lipwright.contracts.sidecar import UntouchedSpan, sidecar_path
from lipwright.errors import MediaNotFound, MediaUnreadable
from lipwright.media.sidecar import read_sidecar, write_sidecar
from lipwright.motion.recording import RecordingToMouth
from lipwright.quality.check_sync import SyncCheck, check_sync
from lipwright.quality.limits import SyncLimits
from lipwright.quality.page import page
from lipwright.quality.report import Verdict
from support.clips import write_clip
from support.synced import FRAMES, NEW_VOWELS_S, OLD_VOWELS_S, Pixels, Scene, opening_of, write_scene, write_synced

LIMITS = SyncLimits(closed_mean_iod=0.012, closed_largest_iod=0.02, rest_speed_iod_s=0.3)
"""The drawn lips rest .003 to .011 IOD apart as the mesh sees them."""

Make = Callable[..., SyncCheck]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory, drawn_portrait: Path) -> Scene:
    return write_scene(tmp_path_factory.mktemp("scene"), drawn_portrait)


@pytest.fixture(scope="module")
def right(scene: Scene) -> SyncCheck:
    return measured(scene, "right")


def measured(scene: Scene, name: str, **made: object) -> SyncCheck:
    video = write_synced(scene, name, **made)  # type: ignore[arg-type]
    return check_sync(video, against=scene.source, listener=RecordingToMouth(), driver=scene.driver, limits=LIMITS)


def failures(checked: SyncCheck) -> set[str]:
    return {metric.key for metric in checked.report.metrics if metric.verdict is Verdict.FAIL}


def test_source_against_itself_is_ideal(scene: Scene) -> None:
    found = check_sync(scene.source, against=scene.source, listener=RecordingToMouth()).report
    for key in ("sharpness_mouth", "grain_mouth", "energy_lips", "energy_interior", "energy_skin", "cpbd"):
        assert found.metric(key).value == pytest.approx(1.0)
    for key in ("outside_change", "outside_worst", "flicker_mouth", "colour_drift", "picture_step"):
        assert found.metric(key).value == 0.0
    assert found.metric("form_drift").value == pytest.approx(0.0, abs=1e-9)
    assert found.metric("face_share").value == 1.0
    assert (found.metric("vmaf_outside").value or 0) > 97
    assert found.verdict in {Verdict.OK, Verdict.WARN}
    assert found.metric("gap_correlation").note.startswith("neither a sidecar nor --driver")


def test_right_video_has_no_failure(right: SyncCheck) -> None:
    found = right.report
    assert failures(right) == set()
    assert (found.metric("gap_correlation").value or 0) > 0.97
    assert found.metric("gap_lag").value == pytest.approx(0, abs=5)
    assert found.metric("sound_lag").value == pytest.approx(0, abs=2)
    assert found.metric("paired").value == 1.0
    assert found.metric("silence_largest").verdict is Verdict.OK
    assert (found.metric("outside_change").value or 0) < 0.2


def test_frozen_mouth_fails_although_it_is_sharp_and_calm(scene: Scene) -> None:
    found = measured(scene, "frozen", opening=np.zeros(FRAMES))
    assert {"gap_correlation", "mouth_motion"} <= failures(found)
    assert found.report.metric("sharpness_mouth").verdict is Verdict.OK


def test_blurred_mouth_fails_in_sharpness(scene: Scene) -> None:
    def blurred(_number: int, image: Pixels, mesh: FaceMesh) -> Pixels:
        return _in_mouth(image, np.asarray(cv2.GaussianBlur(image, (0, 0), 1.5), np.uint8), mesh)

    found = measured(scene, "blurred", changed=blurred)
    assert "sharpness_mouth" in failures(found)
    assert (found.report.metric("sharpness_mouth").value or 1) < 0.7
    assert (found.report.metric("grain_mouth").value or 1) < 0.75


def test_pasted_rectangle_shows_outside_the_mask(scene: Scene) -> None:
    def pasted(_number: int, image: Pixels, mesh: FaceMesh) -> Pixels:
        left, top = (int(v) for v in mesh.points[:, :2].min(axis=0) - 20)
        right, bottom = (int(v) for v in mesh.points[:, :2].max(axis=0) + 20)
        out = image.copy()
        out[top:bottom, left:right] = np.asarray(cv2.GaussianBlur(image, (0, 0), 1.0), np.uint8)[top:bottom, left:right]
        frame = np.ones((bottom - top, right - left, 1))
        frame[12:-12, 12:-12] = 0
        box = out[top:bottom, left:right]
        out[top:bottom, left:right] = np.rint(box * (1 - frame) + 128 * frame)
        return out

    found = measured(scene, "pasted", changed=pasted)
    assert {"outside_change", "outside_worst"} <= failures(found)
    assert found.report.metric("vmaf_outside").verdict is Verdict.WARN


def test_picture_80_ms_late_is_out_of_step(scene: Scene) -> None:
    shown = [max(0, number - 2) for number in range(FRAMES)]
    found = measured(scene, "late", numbers=shown, opening=opening_of(NEW_VOWELS_S)[shown])
    assert {"picture_step", "gap_lag", "av_offset"} <= failures(found)
    assert found.report.metric("picture_step").value == 2.0
    assert found.report.metric("gap_lag").value == pytest.approx(80, abs=8)


def test_late_sound_is_told_from_late_lips(scene: Scene) -> None:
    found = measured(scene, "late-sound", late_s=0.08)
    assert "sound_lag" in failures(found)
    assert found.report.metric("sound_lag").value == pytest.approx(80, abs=4)
    assert found.report.metric("gap_lag").verdict is Verdict.OK


def test_mouth_that_moves_in_silence_fails(scene: Scene) -> None:
    opening = np.maximum(opening_of(NEW_VOWELS_S), opening_of([(1.75, 2.1)]))
    found = measured(scene, "leaking", opening=opening)
    assert {"silence_mean", "silence_largest"} <= failures(found)


def test_face_that_is_lost_fails(scene: Scene) -> None:
    def covered(number: int, image: Pixels, _mesh: FaceMesh) -> Pixels:
        return np.full_like(image, 90) if 20 <= number < 26 else image

    found = measured(scene, "lost", changed=covered)
    assert "face_share" in failures(found)
    assert found.report.metric("face_share").value == pytest.approx(54 / 60, abs=0.02)
    assert "first without is frame 20" in found.report.metric("face_share").note


def test_trembling_brightness_is_flicker(scene: Scene) -> None:
    def trembling(number: int, image: Pixels, mesh: FaceMesh) -> Pixels:
        brighter = np.clip(image.astype(np.int16) + (4 if number % 2 else -4), 0, 255).astype(np.uint8)
        return _in_mouth(image, brighter, mesh)

    found = measured(scene, "trembling", changed=trembling).report
    assert found.metric("flicker_mouth").verdict is Verdict.WARN
    assert (found.metric("flicker_mouth").value or 0) > 1.5


def test_frames_that_stay_as_they_are_have_no_say(scene: Scene, right: SyncCheck, tmp_path: Path) -> None:
    told = read_sidecar(sidecar_path(right.report.path))
    assert told.rewritten is not None
    weight = tuple(0.0 if number < 30 else 1.0 for number in range(FRAMES))
    rewritten = told.rewritten.model_copy(
        update={"weight": weight, "untouched": (UntouchedSpan(first=0, count=30, reason="turned away"),)}
    )
    wrong = tuple(0.3 if number < 30 else gap for number, gap in enumerate(told.gap))
    document = told.model_dump() | {"rewritten": rewritten.model_dump(), "gap": wrong}
    sidecar = tmp_path / "half.json"
    write_sidecar(sidecar, type(told).model_validate(document))
    found = check_sync(
        right.report.path, against=scene.source, listener=RecordingToMouth(), sidecar=sidecar, limits=LIMITS
    )
    assert found.report.metric("gap_correlation").verdict is Verdict.OK
    assert "30 turned away" in found.report.metric("face_share").note
    assert int(found.asked.drawn.sum()) == 30


def test_without_sidecar_frames_are_paired_by_time(scene: Scene, right: SyncCheck, tmp_path: Path) -> None:
    alone = tmp_path / "alone.mp4"
    alone.write_bytes(right.report.path.read_bytes())
    found = check_sync(alone, against=scene.source, listener=RecordingToMouth(), driver=scene.driver)
    assert found.asked.source == "sound"
    assert found.report.metric("picture_step").value == 0.0
    assert "at the same time" in found.report.metric("paired").note
    assert found.report.metric("silence_largest").verdict in {Verdict.OK, Verdict.WARN}
    assert found.report.metric("sharpness_mouth").value is not None


def test_source_of_another_size_is_not_compared(right: SyncCheck, tmp_path: Path) -> None:
    other = write_clip(tmp_path / "other.mp4", frames=5)
    found = check_sync(right.report.path, against=other, listener=RecordingToMouth()).report
    assert found.metric("size").verdict is Verdict.WARN
    assert "64x64" in found.metric("size").note
    assert found.metric("outside_change").verdict is Verdict.NOT_MEASURED
    assert found.metric("vmaf_outside").note == "not available: the source has another size"


def test_missing_and_silent_files_are_named(scene: Scene, tmp_path: Path) -> None:
    missing, mute = tmp_path / "missing.mp4", write_clip(tmp_path / "mute.mp4")
    with pytest.raises(MediaNotFound, match=r"missing\.mp4"):
        check_sync(scene.source, against=missing, listener=RecordingToMouth())
    with pytest.raises(MediaNotFound, match=r"missing\.mp4"):
        check_sync(scene.source, against=scene.source, listener=RecordingToMouth(), driver=missing)
    with pytest.raises(MediaUnreadable, match="has no sound"):
        check_sync(scene.source, against=scene.source, listener=RecordingToMouth(), driver=mute)


def test_page_holds_everything_itself(right: SyncCheck) -> None:
    text = page(right)
    assert text.count("<svg") == 4
    assert text.count("data:image/jpeg;base64,") == 16
    assert "http" not in text.replace("http-equiv", "")
    assert "<script" not in text
    assert "nan" not in text
    assert len(text) < 200_000
    for metric in right.report.metrics:
        assert f'title="{metric.key}"' in text


def _in_mouth(image: Pixels, other: Pixels, mesh: FaceMesh) -> Pixels:
    """The other picture inside of a soft disc about the mouth."""
    x, y = (float(v) for v in mesh.points[[61, 291], :2].mean(axis=0))
    rows, columns = np.mgrid[0 : image.shape[0], 0 : image.shape[1]]
    away: NDArray[np.float64] = np.hypot(columns - x, rows - y) / (0.5 * mesh.eye_distance_px)
    mask = np.clip((1 - away) * 5, 0, 1)[..., None]
    return np.asarray(np.rint(image * (1 - mask) + other * mask), np.uint8)


def test_old_words_are_not_the_new_ones(scene: Scene) -> None:
    found = measured(scene, "old", opening=opening_of(OLD_VOWELS_S))
    assert "gap_correlation" in failures(found)


def test_video_that_was_left_alone_is_measured_too(scene: Scene, tmp_path: Path) -> None:
    same = tmp_path / "same.mp4"
    same.write_bytes(scene.source.read_bytes())
    told = read_sidecar(sidecar_path(write_synced(scene, "plan")))
    assert told.rewritten is not None
    nothing = told.rewritten.model_copy(
        update={
            "weight": (0.0,) * FRAMES,
            "faces": (),
            "untouched": (UntouchedSpan(first=0, count=FRAMES, reason="nobody speaks"),),
        }
    )
    write_sidecar(sidecar_path(same), told.model_copy(update={"rewritten": nothing}))
    found = check_sync(same, against=scene.source, listener=RecordingToMouth(), driver=scene.driver).report
    assert found.metric("face_share").verdict is Verdict.NOT_MEASURED
    assert found.metric("outside_worst").value == 0
    assert found.metric("gap_correlation").verdict is Verdict.NOT_MEASURED
    assert {metric.key for metric in found.metrics if metric.verdict is Verdict.FAIL} == set()
