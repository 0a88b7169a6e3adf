"""Language codes of media files: MP4 and Matroska store ISO 639-2, the rest of Lipwright speaks BCP 47."""

_CODES = (
    "af:afr am:amh ar:ara az:aze be:bel bg:bul bn:ben bs:bos ca:cat cs:ces cy:cym da:dan de:deu el:ell en:eng "
    "es:spa et:est eu:eus fa:fas fi:fin fr:fra ga:gle gl:glg gu:guj he:heb hi:hin hr:hrv hu:hun hy:hye id:ind "
    "is:isl it:ita ja:jpn ka:kat kk:kaz km:khm kn:kan ko:kor lo:lao lt:lit lv:lav mk:mkd ml:mal mn:mon mr:mar "
    "ms:msa mt:mlt my:mya nb:nob ne:nep nl:nld nn:nno no:nor pa:pan pl:pol ps:pus pt:por ro:ron ru:rus si:sin "
    "sk:slk sl:slv so:som sq:sqi sr:srp sv:swe sw:swa ta:tam te:tel th:tha tl:tgl tr:tur uk:ukr ur:urd uz:uzb "
    "vi:vie yo:yor zh:zho zu:zul"
)
_ISO_639_2 = dict(pair.split(":") for pair in _CODES.split())


def iso_639_2(language: str) -> str:
    """Give the three-letter code of a BCP 47 tag: `eng` for `en-GB`; `und` for a language outside the table."""
    primary = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
    if len(primary) == 3:
        return primary
    return _ISO_639_2.get(primary, "und")
