"""`lipwright demo`: scikit-image's public-domain test photo says what it is, and the finished file is measured."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from lipwright.cli.invocation import invocation_of
from lipwright.contracts.portrait import SYNTHETIC, PortraitRequest
from lipwright.errors import OutputNotWritable, ProviderUnavailable

WORDS = (
    "Hello. I am a photograph that speaks. My voice and every motion that you see are synthetic: "
    "they were made from one picture and these words, on this computer. Nobody ever said this."
)
SIZE = (720, 720)


def demo(
    context: typer.Context,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE.mp4", help="The video to write.")] = Path(
        "out/demo.mp4"
    ),
    label: Annotated[bool, typer.Option("--label/--no-label", help="Say in the picture that it is synthetic.")] = True,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> None:
    """Make the demo portrait speak, and measure the file."""
    from lipwright.cli.check import measure, tell
    from lipwright.cli.speak import as_line, run
    from lipwright.cli.values import parse_output
    from lipwright.settings import load_settings

    invocation = invocation_of(context)
    parse_output(output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise OutputNotWritable(f"{output.parent}: cannot be made ({exc.strerror}). Name another --output.") from exc
    with TemporaryDirectory(prefix="lipwright-") as folder:
        face = Path(folder) / "astronaut.png"
        _write_photo(face)
        request = PortraitRequest(
            face=face,
            text=WORDS,
            voice="",
            language="en-US",
            output=output,
            size=SIZE,
            label=SYNTHETIC if label else None,
        )
        made = run(invocation, request, load_settings(), quiet=quiet)
        measured = measure(invocation, output, photo=face, sidecar=None, sheet=None, quiet=quiet)
    invocation.print(f"{as_line(made)}\n")
    tell(invocation, measured, json=None)


def _write_photo(path: Path) -> None:
    try:
        from skimage import data
    except ImportError as exc:
        raise ProviderUnavailable('the demo photo is missing. Run: pip install "lipwright[demo]"') from exc
    from PIL import Image

    Image.fromarray(data.astronaut()).save(path)  # type: ignore[no-untyped-call] # scikit-image has no types here
