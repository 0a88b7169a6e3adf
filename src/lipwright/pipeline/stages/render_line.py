"""The sound of one line of a dub as it is heard in the video: stretched, at 48 kHz, levelled; made once and kept."""

import math
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from lipwright.media.audio import resample
from lipwright.media.limiter import limited
from lipwright.media.loudness import measure
from lipwright.media.spool import AudioSpool
from lipwright.media.stretch import stretch
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ
from lipwright.pipeline.stages.speak_lines import LineSpeech
from lipwright.speech.finish import fade_ends
from lipwright.store.key import StageKey
from lipwright.store.stages import StageStore, memoise

LINE_LUFS: Final = -20.0
"""Of every line, whoever speaks: a line's own level depends on no other line, so that an edit touches it alone."""
CEILING_DBTP: Final = -3.0
_MOST_GAIN_DB: Final = 30.0
_MEASURED_S: Final = 3.0
"""A shorter line is measured as if it were said again and again; a blink of sound has no loudness."""
_SAME_LENGTH_SAMPLES: Final = 4
"""So near to its length, at its own rate, speech is not stretched."""
SOUND: Final = "sound.f32"


def render_line(speech: LineSpeech, count: int, store: StageStore) -> Path:
    """Make the final sound of a line, unless an earlier run has made it.

    Args:
        count: of samples at 48 kHz.
    Returns: a file of `count` raw float32 samples at 48 kHz, mono, little end first; see `read_sound`.
    Raises: ProviderUnavailable: Rubber Band is missing. OutputNotWritable, DiskFull.
    """
    key = StageKey("render-line", 1, inputs={"speech": speech.digest}, parameters={"count": count})

    def make(folder: Path) -> None:
        samples = _levelled(_stretched(speech, count))
        fade_ends(samples, SAMPLE_RATE_HZ)
        (folder / SOUND).write_bytes(samples.astype("<f4").tobytes())

    return memoise(store, key, make) / SOUND


def read_sound(path: Path) -> NDArray[np.float32]:
    """Read what `render_line` made: (n,) at 48 kHz."""
    return np.fromfile(path, "<f4").astype(np.float32, copy=False)


def _stretched(speech: LineSpeech, count: int) -> NDArray[np.float32]:
    """At 48 kHz, (count,)."""
    samples, rate = speech.samples, speech.sample_rate_hz
    wanted = max(round(count * rate / SAMPLE_RATE_HZ), 1)
    if abs(wanted - len(samples)) > _SAME_LENGTH_SAMPLES:
        samples = stretch(samples, rate, wanted)
    raised = np.concatenate(list(resample([samples], rate, SAMPLE_RATE_HZ)))
    return np.pad(raised[:count], (0, max(count - len(raised), 0)))


def _levelled(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    times = max(math.ceil(_MEASURED_S * SAMPLE_RATE_HZ / len(samples)), 1)
    loudness = measure([samples] * times, SAMPLE_RATE_HZ)
    if loudness.integrated_lufs == -math.inf:
        return samples
    gain_db = min(LINE_LUFS - loudness.integrated_lufs, _MOST_GAIN_DB)
    with AudioSpool(SAMPLE_RATE_HZ) as spool:
        spool.append(samples)
        return np.concatenate(list(limited(spool, 10 ** (gain_db / 20), 10 ** (CEILING_DBTP / 20))))
