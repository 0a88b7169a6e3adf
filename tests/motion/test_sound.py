"""A mouth that only hears: it follows speech, meets at p b m, stays shut in silence, and streams as it reads files.

Both networks are held to it: the one that hears 80 ms ahead, and the one for recordings.
"""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lipwright.assets.packaged import asset_names, read_asset
from lipwright.contracts.motion import MOUTH_CONTROLS
from lipwright.contracts.speech import Speech
from lipwright.media.audio import resample
from lipwright.motion.curves import MouthCurves, joined
from lipwright.motion.features import FEATURES, SoundFeatures
from lipwright.motion.mouth import mouth_track
from lipwright.motion.recording import RecordingToMouth
from lipwright.motion.sound import SOUND_FPS, MouthEngine, SoundToMouth, mouth_track_from_sound, speech_spans
from lipwright.motion.visemes import is_bilabial
from lipwright.speech.tts.hibari import Hibari

RATE_HZ = 16_000
SENTENCE = "Maybe my brother bought a small blue boat, but nobody saw him by the water before summer."


@pytest.fixture(scope="module")
def spoken() -> Speech:
    return Hibari().speak(SENTENCE, "heart")


@pytest.fixture(scope="module")
def sound(spoken: Speech) -> NDArray[np.float32]:
    """The sentence at 16 kHz, with a second of digital silence before and after it."""
    rest = np.zeros(RATE_HZ, np.float32)
    return np.concatenate([rest, *resample([spoken.samples], spoken.sample_rate_hz, RATE_HZ), rest])


@pytest.fixture(scope="module", params=[SoundToMouth, RecordingToMouth])
def engine(request: pytest.FixtureRequest) -> MouthEngine:
    built: MouthEngine = request.param()
    return built


def noise(level_dbfs: float, kind: str, seconds: float = 4.0, seed: int = 3) -> NDArray[np.float32]:
    white = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ))
    if kind == "pink":
        spectrum = np.fft.rfft(white)
        white = np.fft.irfft(spectrum / np.sqrt(np.maximum(np.arange(len(spectrum)), 40)), len(white))
    if kind == "hum":
        white = np.sign(np.sin(2 * np.pi * 100 * np.arange(len(white)) / RATE_HZ)) + 0.3 * white
    return np.asarray(white / np.sqrt(np.mean(white**2)) * 10 ** (level_dbfs / 20), np.float32)


def test_gap_follows_that_of_the_known_phonemes(
    spoken: Speech, sound: NDArray[np.float32], engine: MouthEngine
) -> None:
    heard = mouth_track_from_sound([sound], RATE_HZ, SOUND_FPS, engine=engine)
    known = mouth_track(spoken.phonemes, spoken.duration_s, SOUND_FPS)
    part = slice(50, 50 + len(known))
    width = MOUTH_CONTROLS.index("width")
    assert np.corrcoef(heard.gap[part], known.gap)[0, 1] >= 0.6
    assert np.corrcoef(heard.controls[part, width], known.controls[:, width])[0, 1] >= 0.6


@pytest.mark.parametrize("fps", [Fraction(24000, 1001), Fraction(25), Fraction(60)])
def test_lips_meet_at_most_bilabials_whatever_the_rate(
    fps: Fraction, spoken: Speech, sound: NDArray[np.float32], engine: MouthEngine
) -> None:
    track = mouth_track_from_sound([sound], RATE_HZ, fps, engine=engine)
    closures = [
        track.gap[int((1.0 + p.start_s - 0.05) * fps) : int((1.0 + p.end_s + 0.05) * fps) + 2].min() == 0
        for p in spoken.phonemes
        if is_bilabial(p.symbol)
    ]
    assert np.mean(closures) >= 0.6
    shut = track.closed == 1
    assert (track.gap[shut] < 0.005).all()


@pytest.mark.parametrize("level_dbfs", [-35.0, -50.0])
@pytest.mark.parametrize("kind", ["white", "pink", "hum"])
def test_quiet_noise_leaves_the_mouth_exactly_shut(kind: str, level_dbfs: float, engine: MouthEngine) -> None:
    track = mouth_track_from_sound([noise(level_dbfs, kind)], RATE_HZ, Fraction(25), engine=engine)
    assert not track.gap.any()
    assert not track.controls.any()
    assert (track.closed == 1).all()
    assert speech_spans(track) == ()


@settings(max_examples=20, deadline=None)
@given(
    kind=st.sampled_from(("white", "pink", "hum")),
    level_dbfs=st.floats(-70.0, -35.0),
    seed=st.integers(0, 10_000),
    seconds=st.floats(0.1, 3.0),
)
def test_noise_that_sets_in_leaves_the_mouth_exactly_shut(
    engine: MouthEngine, kind: str, level_dbfs: float, seed: int, seconds: float
) -> None:
    track = mouth_track_from_sound([noise(level_dbfs, kind, seconds, seed)], RATE_HZ, Fraction(25), engine=engine)
    assert not track.gap.any()


def test_digital_silence_leaves_the_mouth_exactly_shut(engine: MouthEngine) -> None:
    track = mouth_track_from_sound([np.zeros(3 * RATE_HZ, np.float32)], RATE_HZ, Fraction(25), engine=engine)
    assert len(track) == 75
    assert not track.gap.any()
    assert not track.controls.any()
    assert (track.closed == 1).all()


@pytest.mark.parametrize("snr_db", [60.0, 30.0])
def test_mouth_opens_about_with_the_voice_and_is_shut_250_ms_after_it(
    snr_db: float, sound: NDArray[np.float32], engine: MouthEngine
) -> None:
    bed = noise(-23.0 - snr_db, "pink", len(sound) / RATE_HZ)
    track = mouth_track_from_sound([sound + bed], RATE_HZ, SOUND_FPS, engine=engine)
    loud = np.flatnonzero(np.abs(sound) > 10 ** (-45 / 20)) / RATE_HZ
    times = np.arange(len(track)) / float(SOUND_FPS)
    assert not track.gap[times >= loud[-1] + 0.25].any()
    assert (track.closed[times >= loud[-1] + 0.25] == 1).all()
    assert not track.gap[times < loud[0] - 0.1].any()


@settings(max_examples=6, deadline=None)
@given(
    snr_db=st.floats(20.0, 60.0),
    kind=st.sampled_from(("white", "pink", "hum")),
    gain_db=st.floats(-15.0, 10.0),
    seconds_after=st.floats(0.3, 3.0),
)
def test_mouth_is_shut_250_ms_after_speech_whatever_the_noise_and_level(
    spoken: Speech, engine: MouthEngine, snr_db: float, kind: str, gain_db: float, seconds_after: float
) -> None:
    voice = np.concatenate(list(resample([spoken.samples], spoken.sample_rate_hz, RATE_HZ)))
    sound = np.concatenate([voice, np.zeros(round(seconds_after * RATE_HZ), np.float32)])
    bed = noise(-23.0 - snr_db, kind, len(sound) / RATE_HZ)[: len(sound)]
    track = mouth_track_from_sound([(sound + bed) * 10 ** (gain_db / 20)], RATE_HZ, SOUND_FPS, engine=engine)
    after = np.arange(len(track)) / float(SOUND_FPS) >= spoken.phonemes[-1].end_s + 0.25
    assert not track.gap[after].any()
    assert (track.closed[after] == 1).all()


@settings(max_examples=8, deadline=None)
@given(
    peak=st.floats(0.05, 0.98),
    decay_samples=st.integers(5, 400),
    every_s=st.floats(0.2, 2.0),
    seed=st.integers(0, 1000),
)
def test_loud_clicks_leave_the_mouth_exactly_shut(
    engine: MouthEngine, peak: float, decay_samples: int, every_s: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    sound = np.zeros(4 * RATE_HZ, np.float32)
    click = rng.standard_normal(2000) * np.exp(-np.arange(2000) / decay_samples)
    click *= peak / np.abs(click).max()
    for at in np.arange(RATE_HZ // 2, len(sound) - 2000, round(every_s * RATE_HZ)):
        sound[at : at + 2000] += click.astype(np.float32)
    track = mouth_track_from_sound([sound], RATE_HZ, SOUND_FPS, engine=engine)
    assert not track.gap.any()


@settings(max_examples=8, deadline=None)
@given(sizes=st.lists(st.integers(1, 7000), min_size=1, max_size=8))
def test_chunks_of_any_size_give_the_same_mouth(
    sizes: list[int], engine: MouthEngine, sound: NDArray[np.float32]
) -> None:
    speech = sound[RATE_HZ : 3 * RATE_HZ + 77]
    engine.reset()
    whole = joined([engine.push(speech), engine.finish()])
    pieces: list[MouthCurves] = []
    position = 0
    while position < len(speech):
        size = sizes[len(pieces) % len(sizes)]
        pieces.append(engine.push(speech[position : position + size]))
        position += size
    streamed = joined([*pieces, engine.finish()])
    assert len(streamed) == len(whole) == -(-len(speech) // 320)
    for name in ("opening", "width", "height", "shut", "awake"):
        np.testing.assert_array_equal(getattr(streamed, name), getattr(whole, name))


def test_frame_is_known_once_its_look_ahead_and_its_block_are_heard() -> None:
    engine = SoundToMouth()
    assert len(engine.push(np.zeros(640, np.float32))) == 0
    assert len(engine.push(np.zeros(640, np.float32))) == 1
    assert len(engine.push(np.zeros(640, np.float32))) == 2


def test_features_of_a_stream_are_those_of_the_file() -> None:
    sound = noise(-20.0, "white", 1.0)
    whole = SoundFeatures().push(sound)
    stream = SoundFeatures()
    pieces = [stream.push(sound[at : at + 777]) for at in range(0, len(sound), 777)]
    assert whole.shape == (100, FEATURES)
    np.testing.assert_allclose(np.concatenate(pieces), whole, atol=1e-5)


def test_same_sound_gives_the_same_track(sound: NDArray[np.float32], engine: MouthEngine) -> None:
    first, second = (mouth_track_from_sound([sound], RATE_HZ, Fraction(30), engine=engine) for _ in range(2))
    np.testing.assert_array_equal(first.controls, second.controls)


@pytest.mark.parametrize("rate_hz", [8_000, 44_100])
def test_other_sample_rates_move_the_mouth_alike(rate_hz: int, sound: NDArray[np.float32], engine: MouthEngine) -> None:
    known = mouth_track_from_sound([sound], RATE_HZ, SOUND_FPS, engine=engine)
    other = mouth_track_from_sound(resample([sound], RATE_HZ, rate_hz), rate_hz, SOUND_FPS, engine=engine)
    assert len(other) == len(known)
    assert np.corrcoef(other.gap, known.gap)[0, 1] >= (0.8 if rate_hz == 8_000 else 0.99)


def test_stereo_is_refused_with_what_to_do(engine: MouthEngine) -> None:
    with pytest.raises(ValueError, match="mix it down to mono"):
        mouth_track_from_sound([np.zeros((100, 2), np.float32)], RATE_HZ, Fraction(25), engine=engine)


def test_no_sound_at_all_is_one_shut_frame(engine: MouthEngine) -> None:
    track = mouth_track_from_sound([], RATE_HZ, Fraction(25), engine=engine)
    assert track.gap.tolist() == [0.0]
    assert track.closed.tolist() == [1.0]


def test_spans_cover_the_speech_and_leave_the_silence(sound: NDArray[np.float32], engine: MouthEngine) -> None:
    spans = speech_spans(mouth_track_from_sound([sound, sound], RATE_HZ, Fraction(25), engine=engine))
    middle_s = len(sound) / RATE_HZ
    assert len([span for span in spans if span.end_s < middle_s]) >= 1
    assert len([span for span in spans if span.start_s > middle_s]) >= 1
    assert not any(span.start_s < middle_s < span.end_s for span in spans)
    covered_s = sum(span.end_s - span.start_s for span in spans)
    assert covered_s == pytest.approx(2 * middle_s - 4.0, rel=0.15)


@pytest.mark.parametrize("name", ["motion/sound_to_mouth.onnx", "motion/recording_to_mouth.onnx"])
def test_networks_are_small_packaged_assets(name: str) -> None:
    assert name in asset_names()
    assert len(read_asset(name)) < 1_500_000
