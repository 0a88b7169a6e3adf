"""Pieces of sound come together on one long track, wherever they overlap."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lipwright.media.spool import AudioSpool
from lipwright.pipeline.voice_track import VoiceTrack

pieces = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 300)), max_size=8).map(sorted)


@settings(deadline=None)
@given(pieces, st.integers(0, 1_000))
def test_track_is_the_sum_of_its_pieces_and_as_long_as_asked_for(pieces: list[tuple[int, int]], count: int) -> None:
    expected = np.zeros(2_000, np.float32)
    with AudioSpool() as spool:
        track = VoiceTrack(spool, count)
        for number, (start, length) in enumerate(pieces, 1):
            sound = np.full(length, number, np.float32)
            expected[start : start + length] += sound
            track.add(start, sound)
        track.finish()
        assert np.array_equal(spool.read(0, len(spool)), expected[:count])
