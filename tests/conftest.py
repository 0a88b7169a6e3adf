"""Fixtures that every room shares."""

from pathlib import Path

import pytest

from support.program import Program

SHARED_MEDIA = Path(__file__).parents[2] / "shared" / "media"


@pytest.fixture(scope="session")
def shared_media() -> Path:
    """The folder of real clips and pictures beside the checkout; tests that need it skip without it."""
    if not SHARED_MEDIA.is_dir():
        pytest.skip("no folder ../shared/media beside the checkout: real clips are never part of the repository")
    return SHARED_MEDIA


@pytest.fixture
def lipwright(tmp_path: Path) -> Program:
    """The real program, run in an empty folder: `lipwright("voices", "--json").stdout`."""
    return Program(tmp_path)
