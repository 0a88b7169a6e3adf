"""Requests as data: a template with places in braces, and the paths by which answers are read."""

import re
from collections.abc import Mapping
from typing import Any, Final

PLACE: Final = re.compile(r"\{([a-z_]+)\}")
_MISSING: Final = object()


def filled(template: Any, values: Mapping[str, str | int | None]) -> Any:
    """A template with its places filled. What is put in is never read as a template.

    A string that is one place becomes the value itself, a number too; a field whose value is None is left out.
    """
    kept = _filled(template, values)
    return {} if kept is _MISSING else kept


def merged(*templates: Any) -> Any:
    """Templates laid over each other: objects by their fields, lists by their places; else the last one counts."""
    whole: Any = {}
    for template in templates:
        whole = _merged(whole, template)
    return whole


def looked_up(document: Any, path: str) -> Any:
    """What lies at a dotted path such as `data.videos.0.id`; None where nothing does. An empty path is the whole."""
    for step in path.split(".") if path else ():
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def text_at(document: Any, path: str) -> str:
    """A string or a whole number at a path, as text; empty where there is none."""
    found = looked_up(document, path) if path else None
    if isinstance(found, bool) or not isinstance(found, (str, int)):
        return ""
    return str(found)


def _filled(template: Any, values: Mapping[str, str | int | None]) -> Any:
    match template:
        case dict():
            fields = {name: _filled(part, values) for name, part in template.items()}
            return {name: part for name, part in fields.items() if part is not _MISSING}
        case list():
            return [part for part in (_filled(part, values) for part in template) if part is not _MISSING]
        case str():
            whole = PLACE.fullmatch(template)
            if whole:
                value = values[whole[1]]
                return _MISSING if value is None else value
            return PLACE.sub(lambda place: "" if (value := values[place[1]]) is None else str(value), template)
    return template


def _merged(below: Any, above: Any) -> Any:
    if isinstance(below, dict) and isinstance(above, dict):
        return below | {name: _merged(below[name], part) if name in below else part for name, part in above.items()}
    if isinstance(below, list) and isinstance(above, list):
        longer = below[len(above) :] or above[len(below) :]
        return [_merged(*pair) for pair in zip(below, above, strict=False)] + longer
    return above
