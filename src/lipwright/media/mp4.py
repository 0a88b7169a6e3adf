"""An MP4 file that grows: sound, subtitles and tags beside one picture track. It is a video only when finished."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.codec.context import Flags
from av.error import FFmpegError
from av.stream import Stream
from av.subtitles.stream import SubtitleStream
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.media.language import iso_639_2

SAMPLE_RATE_HZ = 48_000

_SUBTITLE_TIME_BASE = Fraction(1, 1000)
# FFmpeg's encoder builds the sample entry of the track from the one style here.
_ASS_HEADER = b"""[Script Info]
ScriptType: v4.00+
PlayResX: 384
PlayResY: 288

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, Underline, \
StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Sans,16,&Hffffff,&Hffffff,&H0,&H0,0,0,0,0,100,100,0,0,1,1,0,2,10,10,10,0

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
"""


class Mp4File:
    """The file. Its owner adds the picture track to `container` first, then sound and subtitles, and then begins."""

    def __init__(self, path: Path, metadata: Mapping[str, str]) -> None:
        """Open it.

        Args:
            metadata: MP4 tags such as `title` and `comment`.
        Raises: OSError, FFmpegError: it cannot be created.
        """
        self._path = path
        self._sample_count = 0
        self._sound: av.AudioStream | None = None
        self._subtitles: SubtitleStream | None = None
        self.container = av.open(
            f"file:{path}",
            "w",
            format="mp4",
            options={"movflags": "+faststart", "movie_timescale": str(SAMPLE_RATE_HZ), "fflags": "+bitexact"},
        )
        self.container.metadata.update(metadata)

    def add_sound(self, channels: int, bit_rate_bps: int) -> None:
        """Add an AAC track of 1 or 2 channels."""
        self._layout = "mono" if channels == 1 else "stereo"
        self._sound = self.container.add_stream("aac", rate=SAMPLE_RATE_HZ)
        self._sound.layout = self._layout
        self._sound.bit_rate = bit_rate_bps
        self._sound.codec_context.flags |= Flags.bitexact

    def add_subtitles(self, language: str) -> None:
        """Add a track of timed text; `language` is a BCP 47 tag."""
        self._subtitles = self.container.add_stream("mov_text")
        self._subtitles.time_base = self._subtitles.codec_context.time_base = _SUBTITLE_TIME_BASE
        self._subtitles.codec_context.subtitle_header = _ASS_HEADER
        self._subtitles.metadata["language"] = iso_639_2(language)

    def begin(self) -> None:
        """Write the head of the file; the tracks are settled."""
        self.container.start_encoding()

    def encode_audio(self, samples: NDArray[np.float32]) -> None:
        """Add sound: float32, (n, channels), 48 kHz."""
        if self._sound is None or not len(samples):
            return
        sound = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T, dtype=np.float32), format="fltp", layout=self._layout
        )
        sound.sample_rate = SAMPLE_RATE_HZ
        sound.pts = self._sample_count
        sound.time_base = Fraction(1, SAMPLE_RATE_HZ)
        self._sample_count += len(samples)
        self.container.mux(self._sound.encode(sound))

    def finish(self, cues: Sequence[Cue] = ()) -> None:
        """Write the end of the sound and the subtitles, and close; the picture track is finished before.

        Args:
            cues: in order, not overlapping.
        Raises: OSError, FFmpegError: the disk is full or the file system failed.
        """
        if self._sound is not None:
            self.container.mux(self._sound.encode(None))
        if self._subtitles is not None:
            for cue in cues:
                self._mux_cue(self._subtitles, cue)
        self.container.close()

    def abandon(self) -> None:
        """Close and remove the file. Removing comes first: closing would otherwise move its whole content once more."""
        with suppress(OSError):
            self._path.unlink()
        with suppress(FFmpegError, OSError):
            self.container.close()

    def _mux_cue(self, track: SubtitleStream, cue: Cue) -> None:
        """Write 3GPP timed text. The muxer ends each cue by an empty sample that lasts until the next one."""
        text = cue.text.encode()
        packet: av.Packet[Stream] = av.Packet(len(text).to_bytes(2, "big") + text)
        packet.stream = track
        packet.time_base = _SUBTITLE_TIME_BASE
        packet.pts = packet.dts = round(cue.start_s * 1000)
        packet.duration = round(cue.end_s * 1000) - packet.pts
        packet.is_keyframe = True
        self.container.mux_one(packet)
