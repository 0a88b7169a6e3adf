"""The sound of a video of scenes: each voice at its frame and all of one loudness, with music under them."""

import math
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from lipwright.contracts.progress import Progress
from lipwright.contracts.story import Music
from lipwright.media.loudness import LoudnessTarget, course, levelled
from lipwright.media.scene_mix import BedLevel, mixed_with_music
from lipwright.media.scene_music import CHANNELS, read_music
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ
from lipwright.pipeline.voice_track import VoiceTrack

_VOICE = LoudnessTarget()
_TOLERANCE_LU = 0.1
_LAST_PIECE_S = 3
"""The next scene's voice begins at most 2 s, the longest dissolve, before the end of a scene."""
_PIECE = 6 * SAMPLE_RATE_HZ


@dataclass(frozen=True, slots=True)
class SceneSound:
    """What is said in a scene."""

    sound: AudioSpool | None
    """48 kHz, one channel, not longer than what of the scene follows the lead; None for a silent one. Stays open."""
    start_frame: int
    """Of the video, at which the scene begins; a dissolve belongs to both of its scenes."""
    frames: int
    """How long the scene is."""
    lead_frames: int = 0
    """How many frames of it pass before its sound begins."""


@dataclass(frozen=True, slots=True)
class Bed:
    """The music of a video."""

    path: Path
    music: Music


def score(
    scenes: Iterable[SceneSound],
    frame_count: int,
    fps: Fraction,
    *,
    bed: Bed | None = None,
    progress: Progress,
) -> AudioSpool:
    """Make the sound of a whole video.

    The voice of each scene is at -16 LUFS, and so is the whole; where music plays much longer than anybody speaks, the
    voices keep their loudness and the whole is quieter. A video without a voice has its music at -16 LUFS.

    Args:
        scenes: in order, each at most 2 s before the end of the one before it. One sound is read at a time, so that a
            generator may close each when the next is asked for.
        frame_count: of the video.
    Returns: 48 kHz, as long as the video, one channel, two with music; its owner closes it.
    Raises: MediaNotFound, MediaUnreadable: of the music. OutputNotWritable, DiskFull, Cancelled.
    """
    progress.stage("mix", None)
    count = round(frame_count * SAMPLE_RATE_HZ / fps)
    voice = AudioSpool(SAMPLE_RATE_HZ)
    with ExitStack() as on_error:
        on_error.callback(voice.close)
        track = VoiceTrack(voice, count)
        spoken = False
        for scene in scenes:
            progress.check_cancelled()
            if scene.sound is not None:
                spoken = _lay(scene, scene.sound, fps, track) or spoken
        track.finish()
        if bed is None:
            on_error.pop_all()
            return voice
        return _with_music(voice, bed, spoken=spoken, progress=progress)


def _lay(scene: SceneSound, sound: AudioSpool, fps: Fraction, track: VoiceTrack) -> bool:
    """Put a voice where it belongs, as loud as all.

    Returns: whether anything is heard in it.
    """
    first, end_frame = scene.start_frame + scene.lead_frames, scene.start_frame + scene.frames
    begin, end = (round(frame * SAMPLE_RATE_HZ / fps) for frame in (first, end_frame))
    if begin + len(sound) > end + 1:
        raise ValueError(f"{sound.duration_s} s of sound are longer than a scene of {scene.frames} frames")
    lufs = course(sound.chunks(), SAMPLE_RATE_HZ).integrated_lufs
    if math.isinf(lufs):
        return False
    if abs(lufs - _VOICE.integrated_lufs) <= _TOLERANCE_LU:
        _add(sound, begin, track)
    else:
        with levelled(sound, _VOICE).sound as even:
            _add(even, begin, track)
    return True


def _add(sound: AudioSpool, begin: int, track: VoiceTrack) -> None:
    """Put it down in pieces, of which the last one is long enough for the next scene to begin over it."""
    last = max(len(sound) - _LAST_PIECE_S * SAMPLE_RATE_HZ, 0)
    for start in range(0, last, _PIECE):
        track.add(begin + start, sound.read(start, min(_PIECE, last - start)))
    track.add(begin + last, sound.read(last, len(sound) - last))


def _with_music(voice: AudioSpool, bed: Bed, *, spoken: bool, progress: Progress) -> AudioSpool:
    """Give the finished sound; the voice is closed by others."""
    music = read_music(bed.path, voice.duration_s)
    level = BedLevel(_VOICE.integrated_lufs + bed.music.gain_db, bed.music.duck_db)
    with music.sound, AudioSpool(SAMPLE_RATE_HZ, CHANNELS) as raw:
        for block in mixed_with_music(voice, music, level):
            progress.check_cancelled()
            raw.append(block)
        return levelled(raw, LoudnessTarget(max_gain_db=0.0) if spoken else _VOICE).sound
