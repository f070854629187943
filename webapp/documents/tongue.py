"""Speaking one of the two languages in a document: texts stand side by side in the code, figures and names follow.

Documents are frozen with what they say, so that their texts are here and not among those of the pages.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from babel.dates import format_date

Language = Literal["zh", "en"]
NONE = "—"


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language, and how names, dates, counts and shares are written in it."""

    language: Language

    @property
    def is_chinese(self) -> bool:
        """Whether it is Chinese."""
        return self.language == "zh"

    def __call__(self, chinese: str, english: str) -> str:
        """One of two texts that say the same."""
        return chinese if self.is_chinese else english

    def name(self, thing: Mapping[str, Any], field: str = "name") -> str:
        """A name of a thing that has it in both languages; the Chinese one where the English is empty."""
        return str(thing.get(f"{field}_{self.language}") or thing[f"{field}_zh"])

    def listed(self, parts: Iterable[str]) -> str:
        """Several things one after the other."""
        return ("、" if self.is_chinese else ", ").join(parts)

    def sentences(self, *parts: str) -> str:
        """Sentences of one paragraph; empty ones are left out."""
        return ("" if self.is_chinese else " ").join(part for part in parts if part)

    def many(self, count: int, one: str, several: str) -> str:
        """How many of an English thing: 1 report, 2 reports."""
        return f"{count:,} {one if count == 1 else several}"

    def month(self, text: str) -> str:
        """A month such as "2017-09" in words."""
        when = date.fromisoformat(f"{text}-01")
        return f"{when.year}年{when.month}月" if self.is_chinese else format_date(when, "MMMM yyyy", locale="en_GB")

    def day(self, text: str) -> str:
        """A date such as "2017-10-09" (or an instant that begins so) in words."""
        when = date.fromisoformat(text[:10])
        written = f"{when.year}年{when.month}月{when.day}日"
        return written if self.is_chinese else format_date(when, "d MMMM yyyy", locale="en_GB")

    def period(self, code: str) -> str:
        """A month or a quarter in words: 2017年第三季度, the third quarter of 2017."""
        if "Q" not in code:
            return self.month(code)
        year, quarter = code[:4], int(code[-1]) - 1
        if self.is_chinese:
            return f"{year}年第{'一二三四'[quarter]}季度"
        return f"the {('first', 'second', 'third', 'fourth')[quarter]} quarter of {year}"


def in_chinese(text: str) -> bool:
    """Whether somebody wrote a text in Chinese: what people typed is not translated, an English page marks it."""
    return any("\u3400" <= letter <= "\u9fff" for letter in text)


def share(text: str | None) -> str:
    """A share as it is kept ("0.6231"), in per cent to one decimal."""
    return NONE if text is None else f"{Decimal(text) * 100:.1f}%"
