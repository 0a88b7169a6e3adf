"""A person from a clip says something: the clip plays forth and back to the sound, with a new mouth."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.footage import YuvFrame
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.progress import Progress
from lipwright.contracts.sidecar import silences_between
from lipwright.contracts.sync import Length
from lipwright.media.audio import resample
from lipwright.media.footage import index_footage, read_footage
from lipwright.media.length import frame_plan
from lipwright.media.spool import AudioSpool
from lipwright.motion.mouth import mouth_track
from lipwright.motion.sound import MouthEngine, mouth_track_from_sound, speech_spans
from lipwright.motion.spans import energy_spans
from lipwright.pipeline.stages.animate import Animated, Work, animate
from lipwright.pipeline.stages.cast import cast
from lipwright.pipeline.stages.clip_person import ClipPerson
from lipwright.pipeline.stages.hear import ENGINE_RATE_HZ, Driver, fitted
from lipwright.pipeline.stages.overlay import Overlay
from lipwright.pipeline.stages.soundtrack import Soundtrack
from lipwright.remote.waiting import cancellable
from lipwright.store.stages import StageStore


@dataclass(frozen=True)
class ClipSpeech:
    """The clip with a new mouth, at its own rate and size; its windows are kept in the store."""

    windows: tuple[Animated, ...]
    plan: NDArray[np.int32]
    """(frames,) frame of the clip that each shows."""
    mouth: MouthTrack

    def gap(self) -> NDArray[np.float32]:
        """(frames,) inner-lip gap that was drawn, IOD; 0 where nothing was."""
        return np.asarray(np.nan_to_num(np.concatenate([window.gap for window in self.windows])), np.float32)

    def drawn(self) -> NDArray[np.bool_]:
        """(frames,) whose mouth was drawn."""
        return np.concatenate([window.drawn for window in self.windows])

    def pictures(self) -> Iterator[YuvFrame]:
        """All frames in order."""
        for window in self.windows:
            yield from read_footage(index_footage(window.picture))


def clip_plan(person: ClipPerson, duration_s: Fraction, start_s: float) -> NDArray[np.int32]:
    """(frames,) which frame of the clip is seen when: forth and back from a moment of it, as long as wanted."""
    start = round(start_s * person.fps) % person.frames
    return frame_plan(person.frames, person.fps, start / person.fps + duration_s, Length.SOUND)[start:]


def speak_in_clip(
    person: ClipPerson,
    track: Soundtrack,
    plan: NDArray[np.int32],
    *,
    listener: MouthEngine,
    store: StageStore,
    progress: Progress,
) -> ClipSpeech:
    """Draw the mouth of a sound track. What is there already is taken from the store.

    Args:
        listener: hears the mouth of a track whose phones are not known.
    Raises: LipSyncFailed, OutputError, Cancelled: finished windows are kept.
    """
    driver = _driver(track, person.fps, listener)
    with closing(driver.mono):
        mouth = fitted(driver.mouth, len(plan))
        work = Work(
            footage=person.footage,
            driver=driver,
            mouth=mouth,
            cast=cast(person.scan.faces, person.speaking, plan, mouth, driver.loud),
            people=person.people,
            tuning={**asdict(person.artist.tuning), "seed": person.seed},
            encoder=person.artist.encoder,
            overlay=Overlay(),
            digests={"video": person.digest, "scan": person.scan.digest},
        )
        with cancellable(progress.check_cancelled):
            windows = animate(work, store, progress)
    return ClipSpeech(tuple(windows), plan, mouth)


def _driver(track: Soundtrack, fps: Fraction, listener: MouthEngine) -> Driver:
    """What moves the mouth; its `sound` stays the caller's to close, and its `mono` is the caller's to close."""
    sound = track.sound
    mono = AudioSpool(ENGINE_RATE_HZ)
    for chunk in resample(sound.chunks(), sound.sample_rate_hz, ENGINE_RATE_HZ):
        mono.append(chunk)
    if track.phonemes:
        mouth = mouth_track(track.phonemes, sound.duration_s, fps, emphasis=track.emphasis)
        silences = silences_between(track.phonemes, sound.duration_s)
    else:
        mouth = mouth_track_from_sound(mono.chunks(), ENGINE_RATE_HZ, fps, engine=listener)
        silences = silences_between(speech_spans(mouth), sound.duration_s)
    return Driver(
        sound=sound,
        mono=mono,
        mouth=mouth,
        loud=energy_spans(mono.chunks(), ENGINE_RATE_HZ),
        silences=silences,
        heard="phonemes" if track.phonemes else "sound",
        phonemes=track.phonemes,
        words=track.words,
        language=track.language,
        voice=track.voice,
        engine=track.engine,
    )
