"""One crude talking face for all tests of the room."""

import pytest

from lipwright.quality.check import check
from lipwright.quality.report import QualityReport
from support.talking import TalkingClip, write_talking_clip


@pytest.fixture(scope="session")
def talking(tmp_path_factory: pytest.TempPathFactory) -> TalkingClip:
    """Two seconds at 25 frames/s with sound, sidecar and photo."""
    return write_talking_clip(tmp_path_factory.mktemp("talking"))


@pytest.fixture(scope="session")
def report(talking: TalkingClip) -> QualityReport:
    """What is measured on the talking face."""
    return check(talking.path, source=talking.photo)
