"""A recording becomes the sound track: as long as it is, mono, and as loud as every video."""

import math
from pathlib import Path

from lipwright.contracts.progress import Progress
from lipwright.errors import MediaUnreadable
from lipwright.media.audio import read_audio
from lipwright.media.loudness import measure, normalise
from lipwright.media.spool import AudioSpool
from lipwright.pipeline.stages.soundtrack import SAMPLE_RATE_HZ, Soundtrack


def listen(audio: Path, progress: Progress) -> Soundtrack:
    """Read a recording of any length and format onto disk.

    Raises: MediaNotFound, MediaUnreadable: it is damaged, holds no sound, or nothing but silence.
    """
    progress.stage("listen", None)
    with AudioSpool(SAMPLE_RATE_HZ) as raw:
        for chunk in read_audio(audio, SAMPLE_RATE_HZ):
            progress.check_cancelled()
            raw.append(chunk)
        if not math.isfinite(measure(raw.chunks()).integrated_lufs):
            raise MediaUnreadable(f"`{audio}`: there is nothing to hear in it. Use a recording of speech.")
        return Soundtrack(normalise(raw))
