"""SyncNet's scores with a tiny network of the same interface, and the cepstra that it hears."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame
from lipwright.errors import MediaNotFound, ProviderUnavailable
from lipwright.quality.mfcc import SAMPLE_RATE_HZ, WIDTH, mfcc
from lipwright.quality.syncnet import SyncNetMeter
from support.clips import in_chunks, tone
from support.faces import placed
from support.onnx_file import write_syncnet

FRAMES = 90


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mean brightness of the pictures against the mean first cepstrum."""
    lips, sound = np.full((3, 1), 1 / 3, np.float32), np.zeros((WIDTH, 1), np.float32)
    sound[0] = 1
    return write_syncnet(tmp_path_factory.mktemp("syncnet") / "syncnet.onnx", lips, sound)


def brightness(frames: int) -> NDArray[np.float64]:
    """A course without rhythm."""
    return np.interp(
        np.arange(frames), np.arange(0, frames + 8, 3), np.random.default_rng(7).uniform(60, 200, 3 + frames // 3)
    )


def grey(level: float) -> YuvFrame:
    """A plain frame whose RGB is `level`."""
    luma = np.full((96, 96), round(16 + level * 219 / 255), np.uint8)
    return YuvFrame(luma, np.full((48, 48), 128, np.uint8), np.full((48, 48), 128, np.uint8))


def scored(network: Path, late_frames: int, fps: Fraction = Fraction(25)) -> SyncNetMeter:
    """A face whose brightness is heard `late_frames` of 40 ms later."""
    course = brightness(FRAMES + 40)
    cepstra = np.zeros((4 * FRAMES, WIDTH), np.float32)
    moments = np.arange(4 * FRAMES) / 4 - late_frames
    cepstra[:, 0] = np.interp(moments, np.arange(len(course)), course)
    meter = SyncNetMeter(network, cepstra, fps)
    mesh = placed(0, 0, 0, scale=30, at=(48, 40))
    for number in range(int(FRAMES * fps / 25)):
        meter.look(number, grey(course[int(number * 25 / fps)]), mesh)
    return meter


@pytest.mark.parametrize("late", [0, 3, -4])
def test_offset_of_the_sound_is_found(network: Path, late: int) -> None:
    scores = scored(network, late).scores()
    assert scores is not None
    assert scores.offset_frames == late
    assert scores.lse_c > 2 * scores.lse_d
    assert scores.windows == FRAMES - 4


def test_other_rates_are_brought_to_25_frames(network: Path) -> None:
    scores = scored(network, 2, Fraction(50)).scores()
    assert scores is not None
    assert scores.offset_frames == 2
    assert scores.windows == FRAMES - 4


def test_frames_without_face_break_the_sequence(network: Path) -> None:
    meter = SyncNetMeter(network, np.zeros((400, WIDTH), np.float32), Fraction(25))
    mesh = placed(0, 0, 0, scale=30, at=(48, 40))
    for number in range(60):
        meter.look(number, grey(100), mesh if number % 6 else None)
    assert meter.scores() is None


def test_what_is_no_syncnet_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MediaNotFound, match="no such file"):
        SyncNetMeter(tmp_path / "none.onnx", np.zeros((0, WIDTH), np.float32), Fraction(25))
    (tmp_path / "damaged.onnx").write_bytes(b"no network")
    with pytest.raises(ProviderUnavailable, match="no ONNX network"):
        SyncNetMeter(tmp_path / "damaged.onnx", np.zeros((0, WIDTH), np.float32), Fraction(25))
    other = Path(__file__).parents[2] / "src/lipwright/assets/face/face_landmark_with_attention.onnx"
    with pytest.raises(ProviderUnavailable, match="which is not SyncNet"):
        SyncNetMeter(other, np.zeros((0, WIDTH), np.float32), Fraction(25))


def test_cepstra_come_100_times_a_second_whatever_the_chunks() -> None:
    sound = tone(440, 1.0, rate_hz=SAMPLE_RATE_HZ) + tone(1234, 1.0, 0.2, SAMPLE_RATE_HZ)
    whole, cut = mfcc([sound]), mfcc(in_chunks(sound, 777))
    assert whole.shape == (99, WIDTH)
    np.testing.assert_allclose(whole, cut, atol=1e-3)
    long = mfcc([np.tile(sound, 25)])
    assert len(long) == 1 + -(-(25 * SAMPLE_RATE_HZ - 400) // 160)
    np.testing.assert_allclose(long[:90], whole[:90], atol=1e-3)


def test_first_cepstrum_is_the_energy() -> None:
    loud = mfcc([tone(500, 0.5, 0.8, SAMPLE_RATE_HZ)])
    quiet = mfcc([tone(500, 0.5, 0.08, SAMPLE_RATE_HZ)])
    np.testing.assert_allclose(loud[5:-5, 0] - quiet[5:-5, 0], np.log(100), atol=0.01)
    np.testing.assert_allclose(loud[5:-5, 1:], quiet[5:-5, 1:], atol=0.05)


def test_no_sound_has_no_cepstra() -> None:
    assert mfcc([]).shape == (0, WIDTH)
    assert mfcc([np.zeros(10, np.float32)]).shape == (1, WIDTH)


def test_cepstra_are_those_of_the_usual_package() -> None:
    draws = np.random.default_rng(0)
    sound = 0.3 * np.sin(np.cumsum(0.02 + 0.2 * draws.random(16000))) + 0.01 * draws.normal(size=16000)
    found = mfcc([sound.astype(np.float32)])
    # python_speech_features 0.6: mfcc(sound * 32768, 16000)
    expected = [19.134, -3.227, 15.279, 0.599, -5.074, -15.848, -19.942, -25.119, -21.116, -24.876, -17.833, -11.405]
    np.testing.assert_allclose(found[10], [*expected, -4.156], atol=0.002)
    np.testing.assert_allclose(found[50, :4], [19.216, -3.336, 13.407, -1.521], atol=0.002)
