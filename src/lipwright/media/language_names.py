"""What languages call themselves, for the menus of players (Unicode CLDR)."""

_NAMES = dict(
    pair.split(":")
    for pair in (
        "af:Afrikaans am:አማርኛ ar:العربية az:Azərbaycan be:Беларуская bg:Български bn:বাংলা "
        "bs:Bosanski ca:Català cs:Čeština cy:Cymraeg da:Dansk de:Deutsch el:Ελληνικά "
        "en:English es:Español et:Eesti eu:Euskara fa:فارسی fi:Suomi fil:Filipino "
        "fr:Français ga:Gaeilge gl:Galego gu:ગુજરાતી he:עברית hi:हिन्दी hr:Hrvatski "
        "hu:Magyar hy:Հայերեն id:Indonesia is:Íslenska it:Italiano ja:日本語 ka:ქართული "
        "kk:Қазақ km:ខ្មែរ kn:ಕನ್ನಡ ko:한국어 lo:ລາວ lt:Lietuvių lv:Latviešu mk:Македонски "
        "ml:മലയാളം mn:Монгол mr:मराठी mt:Malti ms:Melayu my:မြန်မာ nb:Norsk ne:नेपाली nl:Nederlands "
        "nn:Nynorsk no:Norsk pa:ਪੰਜਾਬੀ pl:Polski ps:پښتو pt:Português ro:Română ru:Русский si:සිංහල "
        "sk:Slovenčina sl:Slovenščina so:Soomaali sq:Shqip sr:Српски sv:Svenska "
        "sw:Kiswahili ta:தமிழ் te:తెలుగు th:ไทย tl:Tagalog tr:Türkçe uk:Українська ur:اردو "
        "uz:Oʻzbek vi:Tiếng\u00a0Việt yo:Yorùbá zh:中文 zu:isiZulu"
    ).split(" ")
)


def language_name(language: str) -> str:
    """Give the name of a BCP 47 tag's language in itself; the tag when it is not known."""
    primary = language.replace("_", "-").split("-", maxsplit=1)[0].lower()
    return _NAMES.get(primary, language)
