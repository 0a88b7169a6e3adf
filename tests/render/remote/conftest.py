"""A server that makes videos, and what is ordered of it."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from lipwright.render.remote.base import RenderOrder
from lipwright.render.remote.orders import Terms
from support.clips import tone, write_clip
from support.vendor_renderers import QUICK, Fate, RendererServer
from support.wav import write_wav


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Two seconds with picture and sound."""
    path = tmp_path_factory.mktemp("made") / "made.mp4"
    return write_clip(path, frames=50, sound=[tone(440, 2.0)]).read_bytes()


@pytest.fixture(scope="session")
def speech(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As long as the clip."""
    path = tmp_path_factory.mktemp("said") / "speech.wav"
    write_wav(path, tone(300, 2.0), 48_000)
    return path


@pytest.fixture(scope="session")
def face(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("face") / "face.png"
    path.write_bytes(b"\x89PNG a picture")
    return path


@pytest.fixture
def serve(clip: bytes) -> Iterator[Callable[[Iterable[Fate]], RendererServer]]:
    """Starts servers; each begins with some fates."""
    with ExitStack() as stack:

        def start(fates: Iterable[Fate] = ()) -> RendererServer:
            server = RendererServer(clip, fates)
            stack.enter_context(server.running())
            return server

        yield start


@pytest.fixture
def quick() -> Terms:
    return QUICK


@pytest.fixture
def said(face: Path) -> Callable[[str], RenderOrder]:
    """An order of a text."""
    return lambda text: RenderOrder(1280, 720, face=face, text=text, voice="sara")
