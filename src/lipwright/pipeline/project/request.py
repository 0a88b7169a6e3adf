"""What a project was asked for, written down so that a later call needs only the folder."""

from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, Final

from pydantic import JsonValue, TypeAdapter, ValidationError

from lipwright.contracts.dub import DubRequest
from lipwright.errors import ProjectInvalid
from lipwright.pipeline.project.paths import found_path, told_path

_PATHS: Final = ("video", "output", "glossary", "lexicon")
_LEFT_OUT: Final = ("project", "stop_after")
"""Where the work stops is said anew in each call."""


def told_request(request: DubRequest) -> dict[str, JsonValue]:
    """A request as JSON holds it. Options that have their defaults are not in it."""
    document: dict[str, JsonValue] = TypeAdapter(DubRequest).dump_python(request, mode="json")
    defaults = {field.name: field.default for field in fields(DubRequest)}
    told = {
        name: value
        for name, value in document.items()
        if name not in _LEFT_OUT and getattr(request, name) != defaults[name]
    }
    for name in _PATHS:
        path: Path | None = getattr(request, name)
        if path is not None:
            told[name] = told_path(path, request.project)
    if request.subtitles:
        told["subtitles"] = [*sorted(form.value for form in request.subtitles)]
    return told


def found_request(told: Mapping[str, JsonValue], folder: Path, name: str) -> DubRequest:
    """The request that was written down.

    Args:
        name: what messages call the file.
    Raises: ProjectInvalid: it is damaged.
    """
    known = {field.name for field in fields(DubRequest)}
    try:
        if unknown := sorted(set(told) - known):
            raise ProjectInvalid(f"`{name}`: `{unknown[0]}` under `asked` means nothing to this Lipwright. Remove it.")
        request = TypeAdapter(DubRequest).validate_python({**told, "project": str(folder), "stop_after": None})
    except ValidationError as exc:
        first = exc.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the document"
        raise ProjectInvalid(
            f"`{name}`: `{where}` under `asked`: {first['msg']}. Correct it, or restore the file."
        ) from exc
    found: dict[str, Any] = {
        field: found_path(path.as_posix(), folder) for field in _PATHS if (path := getattr(request, field)) is not None
    }
    return replace(request, **found)
