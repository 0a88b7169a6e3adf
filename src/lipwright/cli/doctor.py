"""`lipwright doctor`: what is installed, what runs where, and what to do about it."""

from typing import TYPE_CHECKING, Annotated

import typer

from lipwright.cli.invocation import Invocation, invocation_of

if TYPE_CHECKING:
    from lipwright.cli.checkup import Finding

BROKEN_EXIT_CODE = 1


def doctor(
    context: typer.Context,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> int:
    """Say what works here, and what to do about the rest.

    Looks at the machine, packages, engines, models, fonts and tools.

    Exits with 1 if something that Lipwright needs does not work.
    """
    from lipwright.cli import checkup
    from lipwright.settings import load_settings

    invocation = invocation_of(context, json_wanted=json)
    settings = load_settings()
    checks: tuple[checkup.Check, ...] = (
        checkup.check_machine,
        checkup.check_folders,
        checkup.check_packages,
        checkup.check_ffmpeg,
        checkup.check_encoders,
        checkup.check_assets,
        checkup.check_devices,
        checkup.check_engines,
        checkup.check_recognisers,
        checkup.check_translators,
    )
    findings = [finding for check in checks for finding in check(settings)]
    broken = any(finding.state is checkup.State.BROKEN for finding in findings)
    if json:
        invocation.print_json({"healthy": not broken, "findings": [_as_json(finding) for finding in findings]})
    else:
        _print_tables(invocation, findings)
    return BROKEN_EXIT_CODE if broken else 0


def _as_json(finding: "Finding") -> dict[str, str]:
    return {
        "topic": finding.topic,
        "subject": finding.subject,
        "state": finding.state.value,
        "value": finding.value,
        "advice": finding.advice,
    }


def _print_tables(invocation: Invocation, findings: list["Finding"]) -> None:
    from rich.table import Table
    from rich.text import Text

    from lipwright.cli.checkup import State

    styles = {State.OK: "green", State.WARNING: "yellow", State.BROKEN: "bold red"}
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "subject", "state", "found"):
        table.add_column(column, no_wrap=column != "found", overflow="fold")
    topic = ""
    for finding in findings:
        table.add_row(
            Text(finding.topic if finding.topic != topic else "", style="bold"),
            Text(finding.subject),
            Text(finding.state.value, style=styles[finding.state]),
            Text(finding.value),
        )
        topic = finding.topic
    invocation.print_table(table)
    problems = [finding for finding in findings if finding.advice]
    for finding in problems:
        invocation.print(f"\n{finding.state.value} {finding.subject}: {finding.value}\n    {finding.advice}")
    invocation.print(f"\n{f'{len(problems)} to look at.' if problems else 'Everything that is needed works.'}")
