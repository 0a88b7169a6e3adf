"""Tracks of an MP4 file that is being written: sound that is encoded, and timed text."""

from collections.abc import Mapping, Sequence
from fractions import Fraction

import av
import numpy as np
from av.codec.context import Flags
from av.container import OutputContainer
from av.stream import Disposition, Stream
from numpy.typing import NDArray

from lipwright.contracts.media import Cue
from lipwright.media.bidi import is_right_to_left, marked
from lipwright.media.mp4_labels import label_metadata
from lipwright.media.tracks import TrackLabel

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


class EncodedSound:
    """A track of AAC."""

    def __init__(
        self,
        container: OutputContainer,
        channels: int,
        bit_rate_bps: int,
        label: TrackLabel | None = None,
        disposition: Disposition = Disposition.default,
    ) -> None:
        """Add it to a file that has not begun.

        Args:
            channels: 1 or 2.
        """
        self._container = container
        self._sample_count = 0
        self._layout = "mono" if channels == 1 else "stereo"
        self._stream = container.add_stream("aac", rate=SAMPLE_RATE_HZ)
        self._stream.layout = self._layout
        self._stream.bit_rate = bit_rate_bps
        self._stream.codec_context.flags |= Flags.bitexact
        self._stream.disposition = disposition
        if label is not None:
            self._stream.metadata.update(label_metadata(label))

    def encode(self, samples: NDArray[np.float32]) -> None:
        """Add sound: float32, (n, channels), 48 kHz."""
        if not len(samples):
            return
        sound = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(samples.T, dtype=np.float32), format="fltp", layout=self._layout
        )
        sound.sample_rate = SAMPLE_RATE_HZ
        sound.pts = self._sample_count
        sound.time_base = Fraction(1, SAMPLE_RATE_HZ)
        self._sample_count += len(samples)
        self._container.mux(self._stream.encode(sound))

    def finish(self) -> None:
        """Write what the encoder still holds."""
        self._container.mux(self._stream.encode(None))


class TimedText:
    """A track of subtitles."""

    def __init__(self, container: OutputContainer, metadata: Mapping[str, str], language: str) -> None:
        """Add it to a file that has not begun; its language is a BCP 47 tag."""
        self._container = container
        self._language = language
        self._stream = container.add_stream("mov_text")
        self._stream.time_base = self._stream.codec_context.time_base = _SUBTITLE_TIME_BASE
        self._stream.codec_context.subtitle_header = _ASS_HEADER
        self._stream.metadata.update(metadata)

    def write(self, cues: Sequence[Cue]) -> None:
        """Add cues, in order, not overlapping.

        They are 3GPP timed text. The muxer ends each cue by an empty sample that lasts until the next one.
        """
        from_the_right = is_right_to_left(" ".join(cue.text for cue in cues), self._language)
        for cue in cues:
            text = marked(cue.text, right_to_left=from_the_right).encode()
            packet: av.Packet[Stream] = av.Packet(len(text).to_bytes(2, "big") + text)
            packet.stream = self._stream
            packet.time_base = _SUBTITLE_TIME_BASE
            packet.pts = packet.dts = round(cue.start_s * 1000)
            packet.duration = round(cue.end_s * 1000) - packet.pts
            packet.is_keyframe = True
            self._container.mux_one(packet)
