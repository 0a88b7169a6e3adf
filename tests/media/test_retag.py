"""Tags change, and nothing else."""

import hashlib
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from lipwright.errors import MediaUnreadable, OutputNotWritable
from lipwright.media.mp3 import write_mp3
from lipwright.media.probe import probe
from lipwright.media.retag import retag
from support.clips import tone, write_clip, write_timed_clip


def packets(path: Path) -> list[tuple[int, int, str]]:
    """Stream, time and content of each packet, in the order of the streams."""
    with av.open(str(path)) as container:
        found = [
            (packet.stream_index, packet.pts, hashlib.sha256(bytes(packet)).hexdigest())
            for packet in container.demux()
            if packet.pts is not None
        ]
    return sorted(found)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clip(tmp_path_factory.mktemp("clip") / "clip.mp4", frames=50, sound=[tone(440, 2.0)])


def test_every_packet_of_picture_and_sound_is_copied(clip: Path, tmp_path: Path) -> None:
    output = tmp_path / "out.mp4"
    retag(output, clip, {"title": "Launch", "comment": "made"})
    assert packets(output) == packets(clip)
    assert len({stream for stream, _, _ in packets(output)}) == 2
    with av.open(str(output)) as container:
        assert container.metadata["title"] == "Launch"
        assert container.metadata["comment"] == "made"
    assert probe(output).duration_s == probe(clip).duration_s


def test_a_turned_picture_stays_turned(tmp_path: Path) -> None:
    turned = write_timed_clip(tmp_path / "turned.mp4", [0, 40, 80], rotation=90)
    retag(tmp_path / "out.mp4", turned, {})
    video, before = probe(tmp_path / "out.mp4").video, probe(turned).video
    assert video is not None
    assert before is not None
    assert video.rotation_degrees == before.rotation_degrees != 0


def test_what_mp4_does_not_hold_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "old.avi"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mjpeg", rate=25)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuvj420p"
        picture = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    with pytest.raises(MediaUnreadable, match="mjpeg"):
        retag(tmp_path / "out.mp4", path, {})
    assert not (tmp_path / "out.mp4").exists()


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    sound = tmp_path / "sound.mp3"
    write_mp3(sound, [tone(440, 0.5)], 48_000)
    with pytest.raises(MediaUnreadable, match="no picture"):
        retag(tmp_path / "out.mp4", sound, {})


def test_mp3_is_as_long_as_its_sound_and_sounds_like_it(tmp_path: Path) -> None:
    path = tmp_path / "sound.mp3"
    write_mp3(path, [tone(440, 0.5), tone(440, 0.25)], 48_000)
    assert abs(probe(path).duration_s - Fraction(3, 4)) < Fraction(1, 20)
    with av.open(str(path)) as container:
        heard = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    spectrum = np.abs(np.fft.rfft(heard[:24_000]))
    assert np.argmax(spectrum) * 2 == pytest.approx(440, abs=4)


def test_mp3_into_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OutputNotWritable, match=r"sound\.mp3"):
        write_mp3(tmp_path / "none" / "sound.mp3", [tone(440, 0.1)], 48_000)
