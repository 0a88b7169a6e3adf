"""Requests as they are sent, for the description of the API."""

from typing import Any

from fastapi.openapi.models import Example

_VIDEO = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_EDITED = "60303ae22b998861bce3b28f33eec1be758a213c86c93c076dbe9f558c11c752"

MAYA: dict[str, Any] = {
    "name": "maya",
    "photo": _VIDEO,
    "consent": {"person": "Maya Lindt", "granted_on": "2026-01-31", "uses": ["video"]},
}
_SCRIPT = "# Welcome\n\nGood morning. [b-roll: office.jpg 3s] This is our new office."
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
AVATARS: dict[str, Example] = {
    "photo": {"summary": "A photo of a person who agreed to it.", "value": MAYA},
    "voice": {
        "summary": "With the person's own voice, copied from a recording.",
        "value": {
            **MAYA,
            "voice_sample": _EDITED,
            "consent": {**MAYA["consent"], "uses": ["video", "clone-voice"], "languages": ["en", "pt"]},
            "callback": {"url": "https://example.com/lipwright"},
        },
    },
}
VIDEOS: dict[str, Example] = {
    "avatar": {
        "summary": "An avatar says a script.",
        "value": {"avatar": "maya", "script": "# Hello\n\nGood morning."},
    },
    "scenes": {
        "summary": "With pictures. A person approves the storyboard.",
        "value": {
            "avatar": "maya",
            "script": _SCRIPT,
            "files": {"office.jpg": _VIDEO},
            "subtitles": ["burn", "srt"],
            "approvals": ["storyboard"],
        },
    },
}
BATCHES: dict[str, Example] = {
    "rows": {
        "summary": "Two clips in three languages each.",
        "value": {
            "rows": [
                {"name": "ana", "text": "Hello {first_name}.", "first_name": "Ana"},
                {"name": "bo", "text": "Hello {first_name}.", "first_name": "Bo"},
            ],
            "defaults": {"avatar": "maya"},
            "translate_to": ["es", "pt-BR"],
            "callback": {"url": "https://example.com/lipwright"},
        },
    },
    "table": {
        "summary": "A CSV file that was uploaded before.",
        "value": {"table": _EDITED, "files": {"maya.jpg": _VIDEO}, "defaults": {"face": "maya.jpg"}},
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
