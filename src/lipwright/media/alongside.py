"""Writes everything that lies beside the pictures of an MP4 file, in step with them."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from fractions import Fraction
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.media.chapters import chapters_until
from lipwright.media.encoder import EncoderSettings
from lipwright.media.feed import SoundFeed
from lipwright.media.kept_sound import KeptTrack, keep_sound
from lipwright.media.mp4 import Mp4File
from lipwright.media.mp4_tracks import EncodedSound
from lipwright.media.probe import open_media
from lipwright.media.tracks import Beside


class Alongside:
    """Sound, subtitles, chapters and cover of a file that has its picture track; a context manager.

    The tracks are the new sound, then the kept one, then the subtitles.
    """

    def __init__(
        self,
        file: Mp4File,
        beside: Beside,
        sound: Iterable[NDArray[np.float32]] | None,
        channels: int,
        settings: EncoderSettings,
        end_s: Fraction,
        *,
        cut: bool,
    ) -> None:
        """Open nothing yet.

        Args:
            sound: float32 at 48 kHz, (n,) or (n, channels); None for none.
            end_s: where the pictures end; subtitles and chapters end there too.
            cut: whether sound ends with the pictures; else it is heard to its own end.
        """
        self._file = file
        self._beside = beside
        self._feed = None if sound is None else SoundFeed(sound, channels, Fraction(1))
        self._channels = channels
        self._bit_rate_bps = settings.audio_bit_rate_bps
        self._stack = ExitStack()
        self._sound: EncodedSound | None = None
        self._kept: KeptTrack | None = None
        self._end_s = end_s
        self._cut = cut

    def __enter__(self) -> Self:
        """Add the tracks, and begin the file.

        Raises: MediaNotFound, MediaUnreadable, UsageError: of the kept sound.
        """
        with ExitStack() as on_error:
            on_error.callback(self._stack.close)
            beside = self._beside
            if self._feed is not None:
                self._sound = self._file.add_sound(self._channels, self._bit_rate_bps, beside.label)
            if beside.kept is not None:
                cut_s = self._end_s if self._cut else None
                container = self._stack.enter_context(open_media(beside.kept.path, allow_cut=True))
                self._kept = keep_sound(self._file, beside.kept, container, self._bit_rate_bps, cut_s)
            texts = [self._file.add_subtitles(track.language, track.title) for track in beside.subtitles]
            self._texts = [
                (text, cues_until(track.cues, float(self._end_s))[::-1])
                for text, track in zip(texts, beside.subtitles, strict=True)
            ]
            self._file.set_chapters(chapters_until(beside.chapters, self._end_s))
            if beside.cover is not None:
                self._file.add_cover(beside.cover)
            self._file.begin()
            on_error.pop_all()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the other file."""
        self._stack.close()

    def until(self, time_s: Fraction) -> None:
        """Write what is heard and read before a time; silence follows the end of the new sound."""
        if self._sound is not None and self._feed is not None:
            self._sound.encode(self._feed.read_to(time_s))
        if self._kept is not None:
            self._kept.until(time_s)
        for text, waiting in self._texts:
            while waiting and waiting[-1].start_s < time_s:
                text.write([waiting.pop()])

    def finish(self) -> None:
        """Write the rest, and close the file; its pictures are written."""
        self.until(self._end_s)
        if not self._cut and self._sound is not None and self._feed is not None:
            for samples in self._feed.rest():
                self._sound.encode(samples)
        if self._kept is not None:
            self._kept.finish()
        self._file.finish()


def cues_until(cues: Sequence[Cue], end_s: float) -> list[Cue]:
    """Leave out what a video of this length does not show."""
    return [Cue(cue.text, cue.start_s, min(cue.end_s, end_s)) for cue in cues if cue.start_s < end_s]
