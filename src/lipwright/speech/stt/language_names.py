"""The English names that servers give to languages, as OpenAI's Whisper calls them, and their tags."""

from typing import Final

_NAMES: Final = (
    "afrikaans:af albanian:sq amharic:am arabic:ar armenian:hy assamese:as azerbaijani:az bashkir:ba basque:eu"
    " belarusian:be bengali:bn bosnian:bs breton:br bulgarian:bg burmese:my cantonese:yue castilian:es catalan:ca"
    " chinese:zh croatian:hr czech:cs danish:da dutch:nl english:en estonian:et faroese:fo finnish:fi flemish:nl"
    " french:fr galician:gl georgian:ka german:de greek:el gujarati:gu haitian:ht hausa:ha hawaiian:haw hebrew:he"
    " hindi:hi hungarian:hu icelandic:is indonesian:id italian:it japanese:ja javanese:jw kannada:kn kazakh:kk"
    " khmer:km korean:ko lao:lo latin:la latvian:lv lingala:ln lithuanian:lt luxembourgish:lb macedonian:mk"
    " malagasy:mg malay:ms malayalam:ml maltese:mt mandarin:zh maori:mi marathi:mr moldavian:ro mongolian:mn"
    " myanmar:my nepali:ne norwegian:no nynorsk:nn occitan:oc panjabi:pa pashto:ps persian:fa polish:pl portuguese:pt"
    " punjabi:pa pushto:ps romanian:ro russian:ru sanskrit:sa serbian:sr shona:sn sindhi:sd sinhala:si sinhalese:si"
    " slovak:sk slovenian:sl somali:so spanish:es sundanese:su swahili:sw swedish:sv tagalog:tl tajik:tg tamil:ta"
    " tatar:tt telugu:te thai:th tibetan:bo turkish:tr turkmen:tk ukrainian:uk urdu:ur uzbek:uz valencian:ca"
    " vietnamese:vi welsh:cy yiddish:yi yoruba:yo"
)
_TAGS: Final = dict(pair.split(":") for pair in _NAMES.split())
LANGUAGES: Final = tuple(sorted(set(_TAGS.values())))
"""BCP 47 primary subtags."""


def tag_of(name: str) -> str | None:
    """The tag of a language that a server names, or that it tags itself: `en` for `english`, `en` and `en-US`."""
    plain = name.strip().lower().replace("_", "-")
    primary = plain.split("-", maxsplit=1)[0].split(" ", maxsplit=1)[0]
    return _TAGS.get(primary) or (primary if primary in LANGUAGES else None)
