"""What an official document holds, in one language and ready to be set: no figure is worked out past this point.

Whoever builds one puts plain text in; the faces (`pdf`, `word`, `sheet`) and the page escape it. Nothing here reads a
clock or a locale, so that equal documents give equal bytes.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Align = Literal["start", "end", "center"]
# How a value stands out, always beside its word: colours of the lights.
Tone = Literal["", "green", "yellow", "red", "grey"]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of the first or second level; Chinese ones bring their own number (一、 / （一）)."""

    text: str
    level: Literal[1, 2] = 1


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text, first line indented as its language does. `lead` is a word set bold at its beginning."""

    text: str
    lead: str = ""


@dataclass(frozen=True, slots=True)
class Items:
    """A numbered list of short texts."""

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


@dataclass(frozen=True, slots=True)
class Row:
    """A row; `strong` for a sum or a group's own line, `indent` for what stands below one."""

    cells: tuple[Cell, ...]
    strong: bool = False
    indent: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table with a caption. Its head is repeated on every page; `empty` is said where there is no row."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""
    empty: str = ""
    # Name of the sheet in a workbook; the caption, cut short, where there is none.
    sheet: str = ""


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
class Bars:
    """Horizontal stacked bars on one scale; a table with the same figures stands beside every chart."""

    caption: str
    bars: tuple[Bar, ...]
    # What a full bar is; the greatest sum where it is None.
    full: float | None = None


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
