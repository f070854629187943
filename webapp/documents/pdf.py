"""A document as PDF, set by typst: official look, one embedded font, the same bytes for the same document.

The template is the only program; texts reach it as data and are never read as markup. It can open no file besides
itself, loads no package, and knows no fonts but ours. What the font does not have (emoji, some scripts) is printed as
an empty box, which the small print admits, and stays in the text that is searched and copied.
"""

import json
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.documents import words
from webapp.documents.glyphs import lacking
from webapp.documents.model import Bars, Block, Document, Heading, Items, Paragraph, Table
from webapp.documents.sayings import LACKING
from webapp.documents.widths import fitted
from webapp.errors import LantianError

TEMPLATE = Path(__file__).parent / "templates" / "official.typ"
FONTS = Path(__file__).parents[1] / "static" / "vendor" / "fonts"
# Points: the width of the text, upright and wide; and the letters of a table, as large as its columns allow.
WIDTHS = (453.0, 728.0)
LETTERS = (9.5, 9.0, 8.5, 8.0, 7.5, 7.0)
FAMILY, WEIGHTS = "Noto Sans SC", {400, 700}
MISSING_FONT = _l("缺少生成 PDF 所需的字体 Noto Sans SC（常规和粗体）。请先运行 make setup。")


class FontMissing(LantianError):
    """The font is not where `make setup` puts it: nothing is set in another one."""


def pdf(document: Document) -> bytes:
    """The document as PDF. Raises FontMissing."""
    made: bytes = _compiler(document).compile(format="pdf", timestamp=_midnight(document))
    return made


def pictures(document: Document, ppi: int = 70) -> list[bytes]:
    """The pages of the PDF as PNG, to be looked at. Raises FontMissing."""
    made = _compiler(document).compile(format="png", ppi=float(ppi), timestamp=_midnight(document))
    return [made] if isinstance(made, bytes) else made


def _compiler(document: Document) -> Any:
    import typst

    fonts = _fonts()
    inputs = {"document": json.dumps(_data(words.cleaned(document)), ensure_ascii=False, allow_nan=False)}
    return typst.Compiler(
        str(TEMPLATE), root=str(TEMPLATE.parent), font_paths=fonts, ignore_system_fonts=True, sys_inputs=inputs
    )


@cache
def _fonts() -> Any:
    """Our font alone, read once a process."""
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    if not {font.weight for font in fonts.fonts() if font.family == FAMILY} >= WEIGHTS:
        raise FontMissing(MISSING_FONT)
    return fonts


def _midnight(document: Document) -> datetime:
    return datetime(document.issued.year, document.issued.month, document.issued.day, tzinfo=UTC)


def _data(document: Document) -> dict[str, Any]:
    """What the template reads."""
    day, width = document.issued, WIDTHS[document.landscape]
    return {
        "language": document.language,
        "title": document.title,
        "issuer": document.issuer,
        "issued": {"year": day.year, "month": day.month, "day": day.day, "text": document.day},
        "number": document.number,
        "to": document.addressed,
        "draft": document.draft,
        "notes": [*document.notes, *_confession(document)],
        "landscape": document.landscape,
        "compact": document.compact,
        "width": width,
        "blocks": [{"kind": block.kind, **_block(block, width)} for block in document.blocks],
    }


def _confession(document: Document) -> Iterator[str]:
    """A line of small print where the font lacks a character of the document."""
    if lacking("".join(_texts(document)), FONTS / "NotoSansSC-Regular.ttf"):
        yield LACKING[document.language]


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _texts(part)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts(getattr(value, each.name))


def _block(block: Block, width: float) -> dict[str, Any]:
    match block:
        case Heading():
            return {"text": block.text, "level": block.level}
        case Paragraph():
            return {"text": block.text, "lead": block.lead}
        case Items():
            return {"texts": block.texts}
        case Table():
            return _table(block, width)
        case Bars():
            return {"caption": block.caption, "legend": list(_legend(block)), "bars": list(_bars(block))}


def _table(table: Table, width: float) -> dict[str, Any]:
    letters, shares = fitted(table, width, LETTERS)
    return {
        "caption": table.caption,
        "note": table.note,
        "empty": table.empty,
        "letters": letters,
        "columns": [
            {"label": column.label, "align": column.align, "width": width}
            for column, width in zip(table.columns, shares, strict=True)
        ],
        "rows": [
            {
                "strong": row.strong,
                "indent": row.indent,
                "cells": [{"text": cell.text, "colour": cell.colour} for cell in row.cells],
            }
            for row in table.rows
        ],
    }


def _legend(chart: Bars) -> Iterator[dict[str, str]]:
    return ({"label": key.label, "colour": key.colour} for key in chart.legend)


def _bars(chart: Bars) -> Iterator[dict[str, Any]]:
    for bar in chart.bars:
        spans = [
            {"colour": span.key.colour, "ink": span.key.ink, "width": span.width, "text": span.text}
            for span in chart.drawn(bar)
        ]
        yield {"label": bar.label, "text": bar.text, "spans": spans}
