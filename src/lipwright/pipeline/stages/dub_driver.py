"""The dubbed voice as what drives a mouth: it follows the phones that are known, and the sound of all other lines."""

import math
from fractions import Fraction

import numpy as np

from lipwright.contracts.dub import SpokenLine
from lipwright.contracts.motion import MouthTrack
from lipwright.contracts.sidecar import silences_between
from lipwright.media.audio import resample
from lipwright.media.spool import AudioSpool
from lipwright.motion.mixed import mixed_track
from lipwright.motion.mouth import mouth_track
from lipwright.motion.sound import MouthEngine, mouth_track_from_sound
from lipwright.motion.spans import Interval
from lipwright.pipeline.stages.fit import DubbedVoice
from lipwright.pipeline.stages.hear import ENGINE_RATE_HZ, Driver, fitted


def dub_driver(
    voice: DubbedVoice, sound: AudioSpool, frames: int, fps: Fraction, language: str, *, listener: MouthEngine
) -> Driver:
    """Let a mouth say the lines of a dub.

    What belongs to one line depends on that line alone: other words in one place change no mouth in another.

    Args:
        sound: what is heard in the finished video, 48 kHz.
        listener: hears the mouth of lines whose phones are not known.
    Returns: a driver whose `sound` stays the caller's to close, and whose `mono` is the caller's to close.
    """
    spoken = [line for line in voice.lines if line.end_s > line.start_s]
    mono = AudioSpool(ENGINE_RATE_HZ)
    for chunk in resample(voice.sound.chunks(), voice.sound.sample_rate_hz, ENGINE_RATE_HZ):
        mono.append(chunk)
    known = fitted(mouth_track(voice.phonemes, float(frames / fps), fps, emphasis=voice.emphasis), frames)
    unknown = [line for line in spoken if not line.phonemes]
    if unknown:
        known = mixed_track(known, _heard(unknown, mono, known, listener), unknown)
    return Driver(
        sound=sound,
        mono=mono,
        mouth=known,
        loud=tuple(Interval(line.start_s, line.end_s) for line in spoken),
        silences=silences_between(sorted(spoken, key=lambda line: line.start_s), float(frames / fps)),
        heard="phonemes" if voice.phonemes else "sound",
        text=" ".join(line.text for line in spoken),
        phonemes=voice.phonemes,
        words=voice.words,
        language=language,
        voice=", ".join(dict.fromkeys(line.voice for line in spoken)),
        engine=", ".join(dict.fromkeys(line.engine for line in spoken)),
    )


def _heard(lines: list[SpokenLine], mono: AudioSpool, like: MouthTrack, listener: MouthEngine) -> MouthTrack:
    """What the sound of some lines tells of the mouth, each line heard by itself; shut elsewhere."""
    controls, gap, closed = np.zeros_like(like.controls), np.zeros_like(like.gap), np.ones_like(like.closed)
    for line in lines:
        first, end = math.floor(line.start_s * like.fps), min(math.ceil(line.end_s * like.fps), len(like))
        start, stop = (round(frame * ENGINE_RATE_HZ / like.fps) for frame in (first, end))
        sound = mono.read(start, stop - start)
        said = fitted(mouth_track_from_sound([sound], ENGINE_RATE_HZ, like.fps, engine=listener), end - first)
        controls[first:end], gap[first:end], closed[first:end] = said.controls, said.gap, said.closed
    return MouthTrack(like.fps, controls, gap, closed)
