"""What an official document holds, in one language and ready to be set: no figure is worked out past this point.

Whoever builds one puts plain text in; the faces (`pdf`, `word`, `sheet`) and the page escape it. Nothing here reads a
clock or a locale, so that equal documents give equal bytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from math import isfinite
from typing import ClassVar, Literal

from webapp.documents.colours import colour, ink, shades
from webapp.documents.sayings import addressed, day

Align = Literal["start", "end", "center"]
# How a value stands out, always beside its word: colours of the lights.
Tone = Literal["", "green", "yellow", "red", "grey"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first or second level; Chinese ones bring their own number (一、 / （一）)."""

    kind: ClassVar[str] = "heading"
    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, first line indented as its language does. `lead` is a word set bold at its beginning."""

    kind: ClassVar[str] = "paragraph"
    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A numbered list of short texts."""

    kind: ClassVar[str] = "items"
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` is its share against the other columns."""

    label: str
    align: Align = "start"
    width: float = 1.0


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as it is read. `number` is what a spreadsheet reckons with; a share of 1 is shown as per cent there."""

    text: str
    number: float | int | None = None
    share: bool = False
    tone: Tone = ""

    @property
    def colour(self) -> str:
        """The colour of the light beside the word, or nothing."""
        return colour(self.tone) if self.tone else ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `strong` for a sum or a group's own line, `indent` for what stands below one."""

    cells: tuple[Cell, ...]
    strong: bool = False
    indent: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption. Its head is repeated on every page; `empty` is said where there is no row."""

    kind: ClassVar[str] = "table"
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    empty: str = ""
    # Name of the sheet in a workbook; the caption, cut short, where there is none.
    sheet: str = ""

    def __post_init__(self) -> None:
        wrong = [number for number, row in enumerate(self.rows, start=1) if len(row.cells) != len(self.columns)]
        if wrong or not self.columns:
            message = f"{self.caption}: rows {wrong[:5]} do not have {len(self.columns)} cells"
            raise ValueError(message)


@dataclass(frozen=True, slots=True)
class Part:
    """One coloured part of a bar: what it stands for and its value."""

    label: str
    value: float
    tone: Tone


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of a chart: its name, its parts from left to right, and the words at its end."""

    label: str
    parts: tuple[Part, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Key:
    """An entry of a legend: the colour of a part (#rrggbb) and that of letters on it."""

    label: str
    colour: str
    ink: str


@dataclass(frozen=True, slots=True)
class Span:
    """A part as it is drawn: where it begins and how wide it is, as shares of a full bar, and its value in words."""

    key: Key
    start: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Horizontal stacked bars on one scale; a table with the same figures stands beside every chart."""

    kind: ClassVar[str] = "bars"
    caption: str
    bars: tuple[Bar, ...]
    # What a full bar is; the greatest sum where it is None. A longer bar is drawn full.
    full: float | None = None

    @property
    def legend(self) -> tuple[Key, ...]:
        """What each colour means, in order of appearance."""
        parts = [(part.label, part.tone) for bar in self.bars for part in bar.parts]
        return tuple(Key(label, chosen, ink(chosen)) for label, chosen in shades(parts).items())

    @property
    def scale(self) -> float:
        """What a full bar stands for, above nought."""
        longest = max((sum(_size(part) for part in bar.parts) for bar in self.bars), default=0)
        return self.full if self.full is not None and isfinite(self.full) and self.full > 0 else longest or 1

    def drawn(self, bar: Bar) -> tuple[Span, ...]:
        """The parts of a bar that can be seen, from left to right."""
        return tuple(self._spans(bar))

    def _spans(self, bar: Bar) -> Iterator[Span]:
        keys, start = {key.label: key for key in self.legend}, 0.0
        for part in bar.parts:
            end = min(1.0, start + _size(part) / self.scale)
            if end > start:
                yield Span(keys[part.label], round(start, 4), round(end - start, 4), f"{part.value:,.10g}")
            start = end


def _size(part: Part) -> float:
    return max(float(part.value), 0.0) if isfinite(part.value) else 0.0


Block = Heading | Paragraph | Items | Table | Bars


@dataclass(frozen=True, slots=True)
class Document:
    """An official document. `number` is its own (〔2017〕第8期), `issuer` issues it, `to` is addressed."""

    language: Literal["zh", "en"]
    title: str
    issuer: str
    issued: date
    blocks: tuple[Block, ...]
    number: str = ""
    to: str = ""
    # Said on every page of what is not published yet: 草稿.
    draft: str = ""
    # Small print at the end: where the figures come from, the check sum, who is to be asked.
    notes: tuple[str, ...] = field(default=())
    # Set wide for tables of many columns.
    landscape: bool = False
    # Set small, for what has to stand on one page.
    compact: bool = False

    @property
    def addressed(self) -> str:
        """The line that names whom it is for, with the colon its language ends it by."""
        return addressed(self.to, self.language)

    @property
    def day(self) -> str:
        """The date of issue in full: 2017年10月12日, 12 October 2017."""
        return day(self.issued, self.language)
