"""Options that several commands have: one name, one meaning, one help text."""

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from lipwright.contracts.portrait import SYNTHETIC

Output: TypeAlias = Annotated[Path, typer.Option("--output", "-o", metavar="FILE.mp4", help="The video to write.")]
Script: TypeAlias = Annotated[
    Path | None, typer.Option("--script", metavar="FILE", help="A UTF-8 text file that holds what is said.")
]
Voice: TypeAlias = Annotated[str, typer.Option("--voice", "-v", metavar="NAME", help="See `lipwright voices`.")]
Language: TypeAlias = Annotated[
    str | None, typer.Option("--language", "-l", metavar="TAG", help="Such as en-GB; the voice's own by default.")
]
Label: TypeAlias = Annotated[
    bool, typer.Option("--label/--no-label", help=f'Say "{SYNTHETIC}" in a corner of the picture.')
]
LexiconFile: TypeAlias = Annotated[
    Path | None, typer.Option("--lexicon", metavar="FILE", help="Your own pronunciations.")
]
Tts: TypeAlias = Annotated[
    str | None, typer.Option("--tts", metavar="ENGINE", help="The speech engine. [default: LIPWRIGHT_TTS]")
]
Stt: TypeAlias = Annotated[
    str | None, typer.Option("--stt", metavar="ENGINE", help="What recognises words. [default: LIPWRIGHT_STT]")
]
Translate: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--translate", metavar="ENGINE", help="What translates. [default: LIPWRIGHT_TRANSLATE, or the best installed]"
    ),
]
LipSyncEngine: TypeAlias = Annotated[
    str | None,
    typer.Option("--engine", metavar="NAME", help="The lip-sync engine. [default: LIPWRIGHT_LIPSYNC, or the preset's]"),
]
Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
Quiet: TypeAlias = Annotated[bool, typer.Option("--quiet", "-q", help="Show no progress.")]
DatabaseUrl: TypeAlias = Annotated[
    str | None,
    typer.Option("--database", metavar="URL", help="Of the job service. [default: LIPWRIGHT_DATABASE, or ./data]"),
]
StorageUrl: TypeAlias = Annotated[
    str | None,
    typer.Option("--storage", metavar="URL", help="Where its files are. [default: LIPWRIGHT_STORAGE, or ./data]"),
]
