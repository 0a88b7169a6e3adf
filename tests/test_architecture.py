"""Rules of the whole tree that no linter holds."""

import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from lipwright import errors
from lipwright.errors import LipwrightError

ROOT = Path(__file__).parents[1]
RUNTIMES = ("numpy", "cv2", "onnxruntime", "av", "torch", "numba", "PIL", "rich", "faster_whisper")
HEAVY = (*RUNTIMES, "pydantic")
LONGEST_MODULE_LINES = 450
REGISTRY_HOSTS = tuple(
    ".".join(labels)
    for labels in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs", "org"),
        ("deb", "debian", "org"),
        ("crates", "io"),
        ("proxy", "golang", "org"),
    )
)
PUBLIC_ERRORS = sorted(
    (value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, LipwrightError)),
    key=lambda error: error.__name__,
)


def tracked_files() -> list[Path]:
    if not (ROOT / ".git").exists():
        pytest.skip("no git checkout: only there is it known which files are the project's")
    git = shutil.which("git")
    assert git, "git made this checkout"
    listed = subprocess.run([git, "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--help"], HEAVY),
        (["--version"], HEAVY),
        (["speak", "--help"], RUNTIMES),  # Typer converts a command's options with pydantic
        (["doctor", "--help"], RUNTIMES),
        (["transcribe", "--help"], RUNTIMES),
    ],
)
def test_help_imports_nothing_heavy(arguments: list[str], unwanted: tuple[str, ...]) -> None:
    script = (
        "import sys\n"
        "from lipwright.cli.main import run\n"
        "from lipwright.cli.interrupts import Interrupts\n"
        f"code = run({arguments!r}, Interrupts())\n"
        f"print('heavy:', *(name for name in {unwanted!r} if name in sys.modules))\n"
        "sys.exit(code)\n"
    )
    begun = time.perf_counter()
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=False, text=True, timeout=60)
    print(f"lipwright {' '.join(arguments)}: {time.perf_counter() - begun:.2f} s")  # noqa: T201 a figure for the reader, not a limit
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].split() == ["heavy:"]


def test_no_file_names_a_registry_host() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in tracked_files()
        for host in REGISTRY_HOSTS
        if host.encode() in path.read_bytes()
    ]
    assert named == []


def test_modules_can_be_read_in_one_sitting() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked_files()
        if path.suffix == ".py" and (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE_LINES
    }
    assert long == {}


def test_package_files_hold_a_docstring_and_nothing_else() -> None:
    package = ROOT / "src" / "lipwright"
    talking = [
        str(path.relative_to(ROOT))
        for path in package.rglob("__init__.py")
        if path.parent != package and not re.fullmatch(r'\s*""".*?"""\s*', path.read_text(encoding="utf-8"), re.DOTALL)
    ]
    assert talking == []


def test_every_public_error_is_in_the_tree_of_the_docstring() -> None:
    assert errors.__doc__ is not None
    drawn = re.findall(r"[├└]── (\w+)", errors.__doc__)
    assert Counter(drawn) == Counter(error.__name__ for error in PUBLIC_ERRORS if error is not LipwrightError)


def test_every_error_has_a_code_of_its_own() -> None:
    shared = [code for code, times in Counter(error.code for error in PUBLIC_ERRORS).items() if times > 1]
    assert shared == []


@pytest.mark.parametrize("error", PUBLIC_ERRORS, ids=lambda error: error.__name__)
def test_error_maps_to_an_exit_code_and_a_status(error: type[LipwrightError]) -> None:
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", error.code)
    assert 1 <= error.exit_code < 256
    assert 400 <= error.http_status < 600


def test_nothing_is_swallowed() -> None:
    swallowing = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked_files()
        if path.suffix == ".py" and path.is_relative_to(ROOT / "src")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.match(r"\s*except( Exception)?( as \w+)?:(?!  # the outermost edge: told in the log)", line)
    ]
    assert swallowing == []
