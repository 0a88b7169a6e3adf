"""The measurement of a dub: it finds what is wrong, and where nothing is wrong it finds nothing."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

WORDS = """
from benchmarks.dub_words import word_errors

assert word_errors("Bom dia, eu pago 21 reais.", "bom dia eu pago vinte e um reais", "pt-BR").wrong == ()
errors = word_errors("I love the old city.", "I loved the city today.", "en")
assert errors.words == 5, errors
assert errors.wrong == ("love > loved", "old > -", "- > today"), errors
assert errors.share == 0.6
assert word_errors("One word.", "", "en").wrong == ("one > -", "word > -")
assert word_errors("", "Something", "en").wrong == ("- > something",)
"""

LINES = """
from benchmarks.dub_measure import line_figures

def line(number, slot, spoken, fit="fits", speed=1.0):
    return {"number": number, "slot": slot, "spoken": spoken, "fit": fit, "speed": speed}

good = [line(1, [1, 2], [1, 2.5], "borrowed"), line(2, [3, 4], [3, 4], speed=1.1), line(3, [5, 6], [5, 5], "silent")]
assert line_figures(good, 6.5) == {
    "lines_outside_video": 0.0, "lines_outside_slot": 0.0, "fastest_speed": 1.1, "failed_lines": 0.0
}
into_the_next = [line(1, [1, 2], [1, 3.2]), line(2, [3, 4], [3, 4])]
assert line_figures(into_the_next, 6)["lines_outside_slot"] == 0.5
over_the_end = [line(1, [1, 2], [1, 6.1])]
assert line_figures(over_the_end, 6)["lines_outside_video"] == 1
too_early = [line(1, [1, 2], [0.9, 2])]
assert line_figures(too_early, 6)["lines_outside_slot"] == 1
failed = [line(1, [1, 2], [1, 1], "failed"), line(2, [3, 4], [3, 4])]
assert line_figures(failed, 6)["failed_lines"] == 1
assert line_figures(failed, 6)["lines_outside_slot"] == 0.5
overlapping = [line(1, [1, 3], [1, 3]), line(2, [2, 4], [2, 4])]
assert line_figures(overlapping, 6)["lines_outside_slot"] == 0
"""

MATERIAL = """
from benchmarks.dub_material import sentences

said = list(sentences())
assert len(said) > 600
assert len(set(said)) == len(said)
"""

WATCHED = """
import subprocess, sys
from benchmarks.dub_run import TreeMemory

child = "import sys; held = bytearray(b'x' * 40_000_000); print('there', flush=True); sys.stdin.read()"
parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
with TreeMemory() as memory:
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.stdout.readline()
    memory.look()
    process.stdin.close()
    process.wait()
assert 45 < memory.peak_mb < 120, memory.peak_mb
"""


def run(code: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False, text=True)


def test_wrong_words_are_named() -> None:
    done = run(WORDS)
    assert done.returncode == 0, done.stderr


def test_lines_that_leave_their_slots_are_found() -> None:
    done = run(LINES)
    assert done.returncode == 0, done.stderr


def test_no_sentence_of_a_talk_comes_twice() -> None:
    done = run(MATERIAL)
    assert done.returncode == 0, done.stderr


def test_memory_is_that_of_a_program_and_of_those_it_starts() -> None:
    done = run(WATCHED)
    assert done.returncode == 0, done.stderr
