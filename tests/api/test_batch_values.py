"""Cells of a table say over HTTP what they say to the command."""

from fractions import Fraction

import pytest

from lipwright.api.batch_values import Files
from lipwright.errors import UsageError

READ = Files({}).readers()


def test_sizes_and_rates_have_the_names_that_the_command_knows() -> None:
    assert READ.size("portrait") == (1080, 1920)
    assert READ.fps("29.97") == Fraction(30000, 1001)


def test_a_refusal_names_the_column_and_no_option() -> None:
    with pytest.raises(UsageError, match=r"^size 641x480: H\.264 needs even sides"):
        READ.size("641x480")
    with pytest.raises(UsageError, match=r"^fps fast"):
        READ.fps("fast")
    with pytest.raises(UsageError, match=r"^subtitles burned"):
        READ.subtitles(["burned"])
