"""One Kokoro for all tests of the room: its model is joined once."""

import pytest

from lipwright.speech.tts.kokoro import Kokoro


@pytest.fixture(scope="session")
def kokoro(tmp_path_factory: pytest.TempPathFactory) -> Kokoro:
    return Kokoro(cache=tmp_path_factory.mktemp("models"))
