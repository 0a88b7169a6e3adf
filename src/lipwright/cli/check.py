"""`lipwright check`: measure a finished video with a detector of its own."""

import json as json_module
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.invocation import Invocation, invocation_of
from lipwright.errors import UsageError

if TYPE_CHECKING:
    from lipwright.quality.report import QualityReport

FAILED_EXIT_CODE = 1
STDOUT = "-"
PAGES = {".html", ".htm"}


@dataclass(frozen=True, slots=True)
class Sources:
    """What a video with a rewritten mouth was made of."""

    against: Path
    driver: Path | None
    syncnet: Path | None
    sidecar: Path | None


def check(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The finished video.")],
    *,
    photo: Annotated[
        Path | None, typer.Option("--photo", metavar="FILE", help="The photo it was made of, to compare sharpness.")
    ] = None,
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="VIDEO", help="The video it was made of, to compare frame by frame."),
    ] = None,
    driver: Annotated[
        Path | None,
        typer.Option("--driver", metavar="SOUND", help="The sound that the mouth was to follow; with --against."),
    ] = None,
    syncnet: Annotated[
        Path | None,
        typer.Option("--syncnet", metavar="FILE.onnx", help="Your SyncNet, for LSE-C and LSE-D; with --against."),
    ] = None,
    sidecar: Annotated[
        Path | None,
        typer.Option("--sidecar", metavar="FILE", help="What was said when. [default: the one beside the video]"),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--sheet", metavar="FILE.png", help="Also write a contact sheet of frames in sequence."),
    ] = None,
    json: Annotated[
        str | None,
        typer.Option("--json", metavar="FILE|-", help="Write the report as JSON; - is stdout, without the table."),
    ] = None,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE.html", help="Write the report as one page with plots; with --against."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")] = False,
) -> int:
    """Measure a finished video, and say what is out of its limits.

    With --against, a video whose mouth was rewritten is compared with its source: lips, silence, what changed outside
    the mouth, sharpness, liveliness, steadiness.

    Exits with 1 if something is.
    """
    invocation = invocation_of(context, json_wanted=json == STDOUT)
    if sheet is not None and sheet.suffix.lower() != ".png":
        raise UsageError(f"--sheet {sheet}: only .png files are written. Name it {sheet.with_suffix('.png')}.")
    if html is not None and html.suffix.lower() not in PAGES:
        raise UsageError(f"--html {html}: only .html files are written. Name it {html.with_suffix('.html')}.")
    if against is None:
        _refuse_without_source(driver=driver, syncnet=syncnet, html=html)
        report = measure(invocation, file, photo=photo, sidecar=sidecar, sheet=sheet, quiet=quiet)
    elif photo is not None:
        raise UsageError("--photo and --against: a video is made of a photo or of a video. Give one of them.")
    else:
        sources = Sources(against, driver, syncnet, sidecar)
        report = compare(invocation, file, sources, sheet=sheet, html=html, quiet=quiet)
    return tell(invocation, report, json=json)


def measure(
    invocation: Invocation, file: Path, *, photo: Path | None, sidecar: Path | None, sheet: Path | None, quiet: bool
) -> "QualityReport":
    """Measure, and write the contact sheet if one is wanted, with progress."""
    from lipwright.cli.progress import watched
    from lipwright.quality.check import check as measured
    from lipwright.quality.sheet import write_sheet

    with watched(invocation.interrupts, quiet=quiet) as progress:
        report = measured(file, sidecar=sidecar, source=photo, progress=progress)
        if sheet is not None:
            write_sheet(file, sheet, sidecar=sidecar, progress=progress)
    return report


def compare(
    invocation: Invocation, file: Path, sources: Sources, *, sheet: Path | None, html: Path | None, quiet: bool
) -> "QualityReport":
    """Measure a video against the one it was made of, and write sheet and page if they are wanted, with progress."""
    from lipwright.cli.progress import watched
    from lipwright.media.output import check_writable
    from lipwright.quality.check_sync import check_sync
    from lipwright.quality.page import write_page
    from lipwright.quality.sheet import write_sheet
    from lipwright.settings import load_settings
    from lipwright.wiring.engines import build_listener

    for wanted in (sheet, html):
        if wanted is not None:
            check_writable(wanted)
    with watched(invocation.interrupts, quiet=quiet) as progress:
        checked = check_sync(
            file,
            against=sources.against,
            listener=build_listener(load_settings()),
            driver=sources.driver,
            sidecar=sources.sidecar,
            syncnet=sources.syncnet,
            progress=progress,
        )
        if html is not None:
            write_page(html, checked)
        if sheet is not None:
            write_sheet(file, sheet, sidecar=sources.sidecar, progress=progress)
    return checked.report


def _refuse_without_source(**given: Path | None) -> None:
    for name, value in given.items():
        if value is not None:
            raise UsageError(f"--{name} {value}: needs the video that this one was made of. Add --against VIDEO.")


def tell(invocation: Invocation, report: "QualityReport", *, json: str | None) -> int:
    """Print the report as a table, or write it as JSON.

    Returns: the exit code.
    """
    from lipwright.media.output import write_text
    from lipwright.quality.report import Verdict, to_json

    if json == STDOUT:
        invocation.print_json(to_json(report))
    elif json is not None:
        write_text(Path(json), json_module.dumps(to_json(report), indent=2, ensure_ascii=False) + "\n")
    _print_table(invocation, report)
    return FAILED_EXIT_CODE if report.verdict is Verdict.FAIL else 0


def _print_table(invocation: Invocation, report: "QualityReport") -> None:
    from rich.table import Table
    from rich.text import Text

    from lipwright.quality.report import Verdict, rows

    styles = {
        Verdict.OK.value: "green",
        Verdict.WARN.value: "yellow",
        Verdict.FAIL.value: "bold red",
        Verdict.NOT_MEASURED.value: "dim",
    }
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("measured", "value", "limit", "verdict", "note"):
        table.add_column(
            column, no_wrap=column != "note", overflow="fold", justify="right" if column == "value" else "left"
        )
    for row in rows(report):
        table.add_row(*(Text(cell, style=styles.get(cell, "")) for cell in row))
    invocation.print_table(table)
