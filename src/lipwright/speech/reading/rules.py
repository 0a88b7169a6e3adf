"""The rules that find what is not written as words, each with what to say instead.

A rule looks at the sentence as it was written; what one rule has claimed, no later rule touches. Rules come from the
most particular (addresses, dates) to the most general (any digits).
"""

import re
from collections.abc import Iterator
from unicodedata import numeric

from lipwright.speech.reading.clock import say_time
from lipwright.speech.reading.dates import Dates
from lipwright.speech.reading.digits import number_pattern
from lipwright.speech.reading.hints import counts_something, hard_to_say, integer
from lipwright.speech.reading.numerals import Numerals
from lipwright.speech.reading.roman import NUMERAL, roman_value
from lipwright.speech.reading.rule import SHARE, Reading, Rule, alternatives
from lipwright.speech.reading.words import Words

_YEARS = range(1100, 2100)
_TOP_DOMAINS = "com|org|net|edu|gov|io|ai|app|dev|info|biz|eu|uk|us|de|fr|es|it|pt|br|mx|ar|ca|au|co|tv|me|ch|be|nl"
_URL = re.compile(
    rf"(?:https?://|www\.)[^\s<>\"“”]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?<![\w@])(?:[\w-]+\.)+(?:{_TOP_DOMAINS})\b(?:/[^\s<>\"“”]*)?"
)

_CONSONANTS = re.compile(
    r"(?<![\w'’])(?!(?:h?m{2,}|hm+|s?sh+|ps+t|br{2,})(?!\w))[bcdfghjklmnpqrstvwxz]+(?![\w'’])", re.IGNORECASE
)
"""Words that cannot be said as words: they are spelled out; `hmm` and its like are sounds."""
_FEMININE = re.compile(r"(?<!em)(?<!am)(?<!om)(?<!dí)(?<!di)(?<!ap)as?$|dad(?:es)?$|ciones$|ções$")
"""Ends of Spanish and Portuguese nouns that are feminine, as a rule."""


class Reader:
    """All rules of one language."""

    def __init__(self, words: Words, language: str) -> None:
        self._words = words
        self._language = language
        self._numerals = Numerals(words, language)
        self._number = number_pattern(words)
        self._group = re.compile(f"[{re.escape(words.group_marks)}]")

    def rules(self) -> list[Rule]:
        """Every rule, the most particular first."""
        return [
            Rule(_URL, self._address),
            *self._abbreviations(),
            *Dates(self._words, self._language).rules(),
            *self._times(),
            *self._money(),
            *self._measures(),
            *self._ordinals(),
            *self._romans(),
            *self._numbers(),
            *self._letters(),
        ]

    def _plain(self, text: str) -> str:
        """Digits with `.` before a fraction."""
        return self._group.sub("", text).replace(self._words.decimal_mark, ".")

    def _address(self, match: re.Match[str]) -> Reading:
        text = re.sub(r"^https?://(?:www\.)?", "", match.group().rstrip(".,;:!?)")).rstrip("/")
        parts = re.findall(r"[^\W\d_]+|\d+|.", text)
        return (
            " ".join(self._address_part(part) for part in parts) + match.group()[len(match.group().rstrip(".,;:!?)")) :]
        )

    def _address_part(self, part: str) -> str:
        if part.isdigit() and len(part) < 5:
            return self._numerals.digits(part)
        if self._words.letters and _CONSONANTS.fullmatch(part):
            return self._spelled(part.lower())
        return self._words.url.get(part, part)

    def _abbreviations(self) -> Iterator[Rule]:
        table = self._words.abbreviations
        spaced = {re.sub(r"\s+", " ", key): said for key, said in table.items()}

        def read(match: re.Match[str]) -> Reading:
            said = spaced[re.sub(r"\s+", " ", match.group(1))]
            if said == "Saint" and not re.match(r"\s+[A-Z]", match.string[match.end() :]):
                said = "Street"
            at_end = not match.string[match.end() :].strip(" \"'”’)")
            return f"{said}." if at_end and match.group(1).endswith(".") else said

        pattern = "|".join(re.escape(key).replace(r"\ ", r"\s+") for key in sorted(table, key=len, reverse=True))
        yield Rule(re.compile(rf"(?<![\w.])({pattern})(?![\w])"), read)
        yield Rule(
            re.compile(r"(?<!\w)(?:[Nn][oº°]s?\.?º?|#)\s?(?=\d)"),
            lambda match: self._words.number_sign + " " if match.group().lower().strip() not in ("no", "nos") else None,
        )

    def _times(self) -> Iterator[Rule]:
        def read(match: re.Match[str]) -> Reading:
            hour, minute = int(match.group(1)), int(match.group(2) or 0)
            if hour > 24 or minute > 59:
                return None
            half = match.groupdict().get("half")
            said = say_time(self._words, self._numerals, hour, minute, f"{half.upper()}M" if half else "")
            ends = half and match.group().endswith(".") and not match.string[match.end() :].strip()
            return f"{said}." if ends else said

        if self._words.language == "en":
            half = r"\s?(?P<half>[AaPp])\.?[Mm]\b\.?"
            yield Rule(re.compile(rf"(?<![\d:.])(\d{{1,2}}):(\d{{2}})(?::\d{{2}})?(?:{half})?(?![\d:])"), read)
            yield Rule(re.compile(rf"(?<![\d:.])(\d{{1,2}})(){half}"), read)
        else:
            yield Rule(re.compile(r"(?<![\d:.])(\d{1,2}):(\d{2})(?::\d{2})?(?:\s?h)?(?![\d:\w])"), read)
            if self._words.language in ("fr", "pt"):
                yield Rule(re.compile(r"(?<![\d:.])(\d{1,2})\s?h\s?(\d{2})?(?:min)?(?!\w)"), read)

    def _money(self) -> Iterator[Rule]:
        words = self._words
        symbols = alternatives(list(words.currencies))
        scales = alternatives(list(words.magnitudes))

        def read(match: re.Match[str]) -> Reading:
            currency = words.currencies[match.group("symbol")]
            plain = self._plain(match.group("number"))
            sign = f"{words.minus} " if match.groupdict().get("sign") else ""
            if match.group("scale"):
                scale = words.magnitudes[match.group("scale")]
                joiner = f" {words.of} " if words.of and scale.one not in ("mil", "mille", "mila") else " "
                return f"{sign}{self._numerals.counted(plain, scale, SHARE)}{joiner}{currency.whole.many}"
            whole, _, part = plain.partition(".")
            if len(part) not in (0, 2):
                return f"{sign}{self._numerals.number(plain)} {currency.whole.many}"
            said = [self._numerals.counted(str(int(whole)), currency.whole)] if int(whole) or not int(part or 0) else []
            if part and int(part):
                said.append(self._numerals.counted(str(int(part)), currency.part))
            return sign + f" {words.money_joiner} ".join(said)

        number = rf"(?P<number>{self._number})"
        scale = rf"(?:\s?(?P<scale>{scales})(?!\w))?"
        yield Rule(re.compile(rf"(?<!\w)(?P<sign>[-−])?(?P<symbol>{symbols})\s?{number}{scale}"), read)
        yield Rule(re.compile(rf"(?<![\w.,])(?P<sign>[-−])?{number}{scale}\s?(?P<symbol>{symbols})(?!\w)"), read)

    def _measures(self) -> Iterator[Rule]:
        words = self._words
        number = rf"(?<![\w.,])(?P<sign>[-−+])?(?P<number>{self._number})"

        def signed(match: re.Match[str]) -> str:
            return {"-": words.minus + " ", "−": words.minus + " ", "+": words.plus + " "}.get(match["sign"] or "", "")

        yield Rule(
            re.compile(rf"{number}\s?%"),
            lambda m: f"{signed(m)}{self._numerals.number(self._plain(m['number']))}{SHARE}{words.percent}",
        )
        yield Rule(
            re.compile(rf"{number}\s?[°º]\s?(?P<scale>[CF](?!\w))?"),
            lambda m: (
                f"{signed(m)}{self._numerals.number(self._plain(m['number']), counted=True)}{SHARE}"
                f"{words.degrees[m['scale'] or '']}"
            ),
        )
        units = alternatives(list(words.units))
        yield Rule(
            re.compile(rf"{number}[\s\u00a0]?(?P<unit>{units})(?![\w²³/])"),
            lambda m: signed(m) + self._numerals.counted(self._plain(m["number"]), words.units[m["unit"]], SHARE),
        )
        yield Rule(
            re.compile(rf"(?<=\b{words.per} )(?P<unit>{units})(?![\w²³/])"), lambda m: words.units[m["unit"]].one
        )
        yield Rule(
            re.compile(rf"(?<=[\d€$£])/(?P<unit>{units})(?![\w²³/])"),
            lambda m: f" {words.per} {words.units[m['unit']].one}",
        )

    def _ordinals(self) -> Iterator[Rule]:
        language = self._words.language
        if language == "en":
            yield Rule(
                re.compile(r"(?<![\w.])(\d[\d,]*)(?:st|nd|rd|th)(?!\w)"),
                lambda m: self._numerals.ordinal(int(self._plain(m[1]))),
            )
        elif language == "fr":
            yield Rule(
                re.compile(r"(?<![\w.])(\d+|[IVX]+)(ers?|res?|ères?|èmes?|e)(?!\w)"),
                lambda m: self._numerals.ordinal(integer(m[1]), feminine=m[2].startswith(("r", "èr"))),
            )
        else:
            yield Rule(
                re.compile(r"(?<![\w.])(\d+)\.?(º|ª|°|er(?!\w)|os?(?!\w)|as?(?!\w))(?!\w|[CF])"),
                lambda m: self._ordinal_of(int(m[1]), m[2]),
            )

    def _ordinal_of(self, number: int, ending: str) -> Reading:
        said = self._numerals.ordinal(number, feminine=ending in ("ª", "a", "as"))
        return said[:-1] if ending == "er" and said.endswith("ero") else said

    def _romans(self) -> Iterator[Rule]:
        words = self._words

        def read(match: re.Match[str]) -> Reading:
            before = match.group(1).lower()
            value = roman_value(match.group(2))
            if before in words.roman_ordinal and not (value > 10 and words.language in ("es", "pt")):
                said = self._numerals.ordinal(value)
                said = f"the {said}" if words.language == "en" else said
                return f"{match.group(1)}{SHARE}{said}"
            if before in words.roman_cardinal or before in words.roman_ordinal:
                return f"{match.group(1)}{SHARE}{self._numerals.cardinal(value)}"
            return None

        yield Rule(re.compile(rf"\b([^\W\d_]+) ({NUMERAL})(?![\w'’])(?!\.\w)"), read)
        if words.language == "it":
            yield Rule(
                re.compile(rf"(?<!\w)({NUMERAL})(?= secolo)"), lambda m: self._numerals.ordinal(roman_value(m[1]))
            )

    def _numbers(self) -> Iterator[Rule]:
        words, numerals = self._words, self._numerals
        yield Rule(
            re.compile(r"(?<![\w-])(?:(?:\+\d{1,3}|0\d{1,3})(?:[ -]\d{2,4}){2,5}|\d{3}-(?:\d{3}-)?\d{4})(?![\w-])"),
            lambda m: ", ".join(numerals.digits(part) for part in re.findall(r"\d+", m[0])),
        )
        halves = {"1/2": "½", "1/4": "¼", "3/4": "¾", "1/3": "⅓", "2/3": "⅔"}
        yield Rule(
            re.compile(rf"(?<![\w/])({alternatives(list(halves))})(?![\w/])"), lambda m: words.fractions[halves[m[1]]]
        )
        yield Rule(
            re.compile(rf"(?<=\d)\s?([{''.join(words.fractions)}])"),
            lambda m: f" {'and' if words.language == 'en' else words.money_joiner} {words.fractions[m[1]]}",
        )
        yield Rule(re.compile(f"[{''.join(words.fractions)}]"), lambda m: words.fractions[m[0]])

        def ends(match: re.Match[str]) -> Reading:
            low, high = int(match.group(1)), int(match.group(2))
            years = low in _YEARS and (high in _YEARS or len(match.group(2)) == 2)
            say = numerals.year if years and high in _YEARS else numerals.cardinal
            return f"{numerals.year(low) if years else numerals.cardinal(low)} {words.to} {say(high)}"

        yield Rule(re.compile(r"(?<![\w.,/-])(\d{1,4})\s?[-–]\s?(\d{1,4})(?![\w/-]|[.,]\d)"), ends)
        yield Rule(re.compile(rf"(?<![\w.,])([-−])({self._number})(?!\w)"), self._negative)
        yield Rule(re.compile(rf"(?<![\d.,]){self._number}"), self._any_number)
        yield Rule(re.compile(r"\d+"), lambda m: numerals.digits(m[0]))
        yield Rule(re.compile(r"[\u2160-\u2188²³¹\u2460-\u249b]"), lambda m: numerals.cardinal(int(numeric(m[0]))))

    def _negative(self, match: re.Match[str]) -> Reading:
        return f"{self._words.minus} {self._numerals.number(self._plain(match.group(2)))}"

    def _any_number(self, match: re.Match[str]) -> Reading:
        text, after = match.group(), match.string[match.end() :]
        plain = self._plain(text)
        is_year = len(text) == 4 and text.isdigit() and int(text) in _YEARS and self._words.language == "en"
        if is_year and not counts_something(match.string[: match.start()], after):
            return self._numerals.year(int(text))
        noun = re.match(r"\s([^\W\d_]{3,})", after)
        if noun is None or self._words.language == "en":
            return self._numerals.number(plain)
        feminine = self._words.language in ("es", "pt") and bool(_FEMININE.search(noun.group(1).lower()))
        return self._numerals.number(plain, counted=True, feminine=feminine)

    def _letters(self) -> Iterator[Rule]:
        words = self._words
        if words.letters:
            yield Rule(re.compile(r"(?<![\w.])(?:[A-Z]\.){2,}|(?<!\w)[A-ZÁÉÍÓÚÑÇ]{2,6}(?!\w)"), self._acronym)
            yield Rule(_CONSONANTS, lambda match: self._spelled(match.group().lower()))
        for symbol in words.symbols:
            alone = rf"(?<!{re.escape(symbol)}){re.escape(symbol)}(?!{re.escape(symbol)})"
            yield Rule(re.compile(alone), lambda match: f" {words.symbols[match[0]]} ")

    def _acronym(self, match: re.Match[str]) -> Reading:
        letters = match.group().replace(".", "").lower()
        sentence_shouts = not re.search(r"[a-z]", match.string)
        spelled = "." in match.group() or not re.search(r"[aeiouáéíóú]", letters) or hard_to_say(letters)
        if sentence_shouts or not spelled or not letters.isascii():
            return None
        return self._spelled(letters)

    def _spelled(self, letters: str) -> str:
        return " ".join(self._words.letters[letter] for letter in letters)
