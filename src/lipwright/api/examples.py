"""Requests as they are sent, for the description of the API."""

from fastapi.openapi.models import Example

_VIDEO = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EDITED = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"

MAYA = {
    "name": "maya",
    "photo": _VIDEO,
    "consent": {"person": "Maya Lindt", "granted_on": "2026-01-31", "uses": ["video"]},
}
JOBS: dict[str, Example] = {
    "speak": {
        "summary": "A photo says a text.",
        "value": {"spec": {"kind": "speak", "face": _VIDEO, "text": "Good morning.", "voice": "af_heart"}},
    },
    "sync": {
        "summary": "A talking video says something else.",
        "value": {"spec": {"kind": "sync", "video": _VIDEO, "text": "Good evening."}, "priority": 10},
    },
    "dub": {
        "summary": "A video in another language. A person approves the translation.",
        "value": {
            "spec": {"kind": "dub", "video": _VIDEO, "target": "pt-BR", "subtitles": ["srt"]},
            "approvals": ["translate"],
            "callback": {"url": "https://example.com/lipwright"},
            "labels": {"order": "17"},
        },
    },
}
RETRIES: dict[str, Example] = {
    "go on": {"summary": "From the stage that failed.", "value": {}},
    "from a stage": {"summary": "A stage, and what follows it.", "value": {"stage": "translate"}},
    "one line": {"summary": "One line is spoken differently.", "value": {"stage": "speak", "line": 7}},
}
APPROVALS: dict[str, Example] = {
    "yes": {"value": {"stage": "translate"}},
    "with edits": {"value": {"stage": "translate", "edits": {"translation.srt": _EDITED}}},
    "no": {"value": {"stage": "translate", "approved": False}},
}
ESTIMATES: dict[str, Example] = {
    "speak": {"value": {"spec": {"kind": "speak", "face": _VIDEO, "text": "Good morning."}}},
    "dub": {"value": {"spec": {"kind": "dub", "video": _VIDEO, "target": "pt-BR"}, "duration_s": 90}},
    "video": {"value": {"spec": {"kind": "video", "face": _VIDEO, "script": "# Hello\n\nGood morning."}}},
    "avatar": {"value": {"spec": {"kind": "avatar", **MAYA}}},
}
