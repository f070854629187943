"""A ranking as a file to take away: CSV or a workbook, with what the page shows."""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext as _

from webapp.documents.model import Cell, Column, Document, Row, Table
from webapp.documents.sheet import xlsx
from webapp.documents.words import disarmed
from webapp.i18n import language, pick
from webapp.ranking import wording

Content = Mapping[str, Any]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def header(content: Content) -> list[str]:
    """The titles of the columns."""
    parts = [_("%(name)s（%(weight)s分）", name=pick(part, "name"), weight=part["weight"]) for part in _parts(content)]
    return [
        _("名次"),
        _("单位"),
        _("得分"),
        *parts,
        *(pick(part, "name") + _("：怎么算的") for part in _parts(content)),
        _("说明"),
    ]


def lines(content: Content, table: str) -> Iterator[list[str]]:
    """The lines of a table as texts."""
    for line in content["tables"][table]:
        points = [line["points"][part["code"]] or "" for part in _parts(content)]
        said = [wording.how(line, part, content["formula"]) for part in _parts(content)]
        place = str(line["place"]) if line["place"] else ""
        yield [place, pick(line, "name"), line["total"] or "", *points, *said, wording.missing(line, _parts(content))]


def _parts(content: Content) -> list[Mapping[str, Any]]:
    return list(content["formula"]["parts"])


def as_csv(content: Content) -> str:
    """Both tables below one another, with the mark by which spreadsheets know UTF-8."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for table, title in wording.TABLES.items():
        writer.writerow([disarmed(each) for each in (str(title), *header(content))])
        for line in lines(content, table):
            writer.writerow([disarmed(each) for each in (str(title), *line)])
    return "\ufeff" + buffer.getvalue()


def as_workbook(content: Content, issuer: str, title: str, issued: date, notes: tuple[str, ...]) -> bytes:
    """The workbook's bytes: a sheet for each table."""
    blocks = tuple(_table(content, table, str(words)) for table, words in wording.TABLES.items())
    spoken: Any = "zh" if language() == "zh" else "en"
    return xlsx(Document(language=spoken, title=title, issuer=issuer, issued=issued, blocks=blocks, notes=notes))


def _table(content: Content, table: str, caption: str) -> Table:
    figures = 3 + len(_parts(content))
    columns = tuple(
        Column(label, "end" if place < figures and place != 1 else "start", 1.0 if place < figures else 3.0)
        for place, label in enumerate(header(content))
    )
    rows = tuple(
        Row(tuple(_cell(text, place < figures and place != 1) for place, text in enumerate(line)))
        for line in lines(content, table)
    )
    return Table(caption, columns, rows, empty=_("没有可以排名的单位。"), sheet=caption)


def _cell(text: str, figure: bool) -> Cell:
    return Cell(text, float(text)) if figure and text else Cell(text)
