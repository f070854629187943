"""The workbook as it is taken away: instructions, the lines, and the hidden identity, in the language being spoken."""

import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webapp.i18n import day, moment, month, pick
from webapp.plans.units import MILESTONE, SHARE, unit_word
from webapp.progress.checks import COUNTED_UNITS, DECIMAL_PLACES, LARGEST
from webapp.reports import pages
from webapp.reports.guard import LONGEST_TEXT
from webapp.reports.models import MonthlyReport
from webapp.reports.spreadsheet import layout
from webapp.reports.spreadsheet.identity import values
from webapp.reports.spreadsheet.instructions import paragraphs
from webapp.reports.spreadsheet.layout import COLUMNS, HEAD, IDENTITY, MARK, STATES, TEXTS

# A cell holds 32,767 characters.
CHUNK = 30_000
A3, A4 = 8, 9
FIRST = HEAD + 1
INK, LINE, GREY, FILL, ACCENT = "#1f2937", "#cbd5e1", "#f1f5f9", "#fffbeb", "#1d4f91"
# Texts stay texts: neither formulas nor links nor figures are made of them.
OPTIONS = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
CELL = {"font_name": "Microsoft YaHei", "font_size": 10, "font_color": INK, "valign": "top", "text_wrap": True,
        "border": 1, "border_color": LINE}  # fmt: skip
PROTECTION = {"format_cells": True, "format_columns": True, "format_rows": True, "select_locked_cells": True}
WIDTHS = {column.name: column.width for column in COLUMNS}
# A row of a spreadsheet is 409 points high at most.
MOST_ROWS = 26
Line = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Content:
    """What goes into the workbook. `stated` are the lines that take figures, `unchanged` may say “no change”."""

    report: MonthlyReport
    lines: Sequence[Line]
    hints: Mapping[int, str]
    stated: Collection[int]
    unchanged: Collection[int]
    as_of: date
    sealed: str


def workbook(content: Content, *, now: datetime) -> bytes:
    """The workbook's bytes."""
    import xlsxwriter

    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, OPTIONS)
    book.set_properties({"created": now.replace(tzinfo=None), "title": _title(content.report)})
    guide, lines = book.add_worksheet(_("填表说明")), book.add_worksheet(_("填报表"))
    _write_guide(book, guide, content, now)
    _Lines(book, lines, content).write()
    _write_identity(book.add_worksheet(IDENTITY), content.sealed)
    lines.activate()
    book.close()
    return buffer.getvalue()


def _title(report: MonthlyReport) -> str:
    return _("%(place)s %(month)s工作进展月报", place=pick(report.organisation, "name"), month=month(report.month))


def _write_guide(book: Any, sheet: Any, content: Content, now: datetime) -> None:
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 4)
    sheet.set_column(1, 1, 104)
    sheet.set_row(0, 28)
    plain = {"font_name": "Microsoft YaHei", "font_size": 11, "font_color": INK, "valign": "top", "text_wrap": True}
    body = book.add_format(plain | {"text_wrap": True})
    title = book.add_format(plain | {"bold": True, "font_size": 16, "text_wrap": False})
    sheet.write_string(0, 0, _title(content.report), title)
    made = _("%(at)s 从系统下载，数据截至%(day)s。", at=moment(now), day=day(content.as_of))
    sheet.write_string(1, 0, made, book.add_format(plain | {"font_color": "#64748b", "text_wrap": False}))
    for number, words in enumerate(paragraphs(content.as_of), start=1):
        sheet.write_number(number + 2, 0, number, body)
        sheet.write_string(number + 2, 1, words, body)
        sheet.set_row(number + 2, 18 * _rows(words, 100) + 6)
    sheet.set_portrait()
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    sheet.protect("", PROTECTION)


def _rows(words: str, width: int) -> int:
    """How many rows a text takes in a column; a Chinese letter is two wide, and a last one may not fit."""
    return sum(1 + max(0, _width(each) - 1) // max(1, width - 1) for each in words.split("\n"))


def _width(words: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in words)


def _write_identity(sheet: Any, sealed: str) -> None:
    sheet.write_string(0, 0, MARK)
    for number, start in enumerate(range(0, len(sealed), CHUNK), start=1):
        sheet.write_string(number, 0, sealed[start : start + CHUNK])
    # The lists' words stand here: written into the rule itself, a comma of English would end one.
    for number, words in enumerate(STATES.values()):
        sheet.write_string(number, 2, str(words))
    sheet.protect("")
    sheet.very_hidden()


class _Lines:
    """The sheet of lines."""

    def __init__(self, book: Any, sheet: Any, content: Content) -> None:
        self.book, self.sheet, self.content = book, sheet, content
        self.formats: dict[tuple[tuple[str, Any], ...], Any] = {}

    def write(self) -> None:
        """Head, lines, what holds them together on screen and paper."""
        self._head()
        for number, line in enumerate(self.content.lines, start=FIRST):
            self._line(number, line)
        sheet, last = self.sheet, FIRST + max(1, len(self.content.lines)) - 1
        sheet.freeze_panes(FIRST, 2)
        sheet.set_landscape()
        sheet.set_paper(A3)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(HEAD)
        sheet.print_area(0, 0, last, len(COLUMNS) - 1)
        sheet.set_footer(f"&L{_title(self.content.report)}&R&P / &N")
        sheet.protect("", PROTECTION)

    def _format(self, **more: Any) -> Any:
        key = tuple(sorted(more.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(CELL | more)
        return self.formats[key]

    def _head(self) -> None:
        sheet = self.sheet
        bare = {"border": 0, "text_wrap": False}
        sheet.write_string(0, 0, _title(self.content.report), self._format(bold=True, font_size=14, **bare))
        hint = _("只填黄色单元格，其余由系统生成。填好后保存为 .xlsx，在月报页面上传；上传后先预览，确认后才保存。")
        sheet.write_string(1, 0, hint, self._format(font_color="#64748b", **bare))
        sheet.set_row(0, 24)
        sheet.set_row(1, 20)
        sheet.set_row(HEAD, 32)
        for place, column in enumerate(COLUMNS):
            colour = ACCENT if column.fill else "#475569"
            head = self._format(bold=True, font_color="#ffffff", bg_color=colour, align="center", valign="vcenter")
            sheet.set_column(place, place, column.width)
            sheet.write_string(HEAD, place, str(column.header), head)

    def _line(self, number: int, line: Line) -> None:
        # Programs do not all measure wrapped texts when they open a file that another one made.
        rows = max(_rows(words, WIDTHS[name]) for name, words in self._wrapped(line).items())
        self.sheet.set_row(number, min(rows, MOST_ROWS) * 15 + 5)
        for place, column in enumerate(COLUMNS):
            getattr(self, f"_{column.name}", self._words)(number, place, line, column.name)

    def _wrapped(self, line: Line) -> dict[str, str]:
        texts = {name: values(line)[name] for name in TEXTS}
        shown = {name: pick(line, name) for name in ("title", "clause")}
        hint = self.content.hints.get(line["assignment"], "")
        return texts | shown | {"target": pages.shown(line).target, "hint": hint}

    def _locked(self, **more: Any) -> Any:
        return self._format(bg_color=GREY, **more)

    def _open(self, **more: Any) -> Any:
        return self._format(bg_color=FILL, locked=False, **more)

    def _words(self, number: int, place: int, line: Line, name: str) -> None:
        shown = pages.shown(line)
        words = {
            "task": line["task"],
            "title": pick(line, "title"),
            "clause": pick(line, "clause"),
            "target": shown.target,
            "unit": _unit(line),
            "light": str(layout.LIGHTS.get(line["label"], "")),
            "hint": self.content.hints.get(line["assignment"], ""),
        }[name]
        self.sheet.write_string(number, place, words, self._locked(num_format="@"))

    def _due(self, number: int, place: int, line: Line, _name: str) -> None:
        form = self._locked(num_format="yyyy-mm-dd", align="center")
        if line["due"]:
            self.sheet.write_datetime(number, place, datetime.fromisoformat(line["due"]), form)
        else:
            self.sheet.write_blank(number, place, None, form)

    def _last(self, number: int, place: int, line: Line, name: str) -> None:
        known = None if line["unit"] == MILESTONE else line[name]
        self._number(number, place, known, self._locked(num_format=_number_format(line["unit"])))

    def _pace(self, number: int, place: int, line: Line, name: str) -> None:
        self._number(number, place, line[name], self._locked(num_format="0.0%"))

    def _number(self, number: int, place: int, value: str | None, form: Any) -> None:
        if value is None:
            self.sheet.write_blank(number, place, None, form)
        else:
            self.sheet.write_number(number, place, Decimal(value), form)

    def _figure(self, number: int, place: int, line: Line, _name: str) -> None:
        if line["unit"] == MILESTONE:
            self.sheet.write_blank(number, place, None, self._locked())
            return
        can = line["assignment"] in self.content.stated
        form = (self._open if can else self._locked)(num_format=_number_format(line["unit"]))
        self._number(number, place, line["cumulative"], form)
        if can:
            self.sheet.data_validation(number, place, number, place, _figure_rule(line))

    def _state(self, number: int, place: int, line: Line, _name: str) -> None:
        dated = layout.is_dated(line)
        can = line["assignment"] in (self.content.stated if dated else self.content.unchanged)
        form = self._open() if can else self._locked()
        said = str(STATES[values(line)["figure"]]) if dated and values(line)["figure"] else ""
        self.sheet.write_string(number, place, said, form)
        if can:
            first, last = (1, len(STATES)) if dated else (len(STATES), len(STATES))
            self.sheet.data_validation(number, place, number, place, _list_rule(first, last))

    def _text(self, number: int, place: int, line: Line, name: str) -> None:
        # With the quote mark a text that begins with "=" stays one when somebody edits it.
        words = values(line)[name]
        form = self._open(num_format="@", quote_prefix=True) if words else self._open(num_format="@")
        self.sheet.write_string(number, place, words, form)
        self.sheet.data_validation(number, place, number, place, _text_rule())

    _problem = _next_step = _reason = _text


def _unit(line: Line) -> str:
    unit = line["unit"]
    if unit == MILESTONE:
        return "—"
    return "%" if unit == SHARE else unit_word(unit)


def _number_format(unit: str) -> str:
    if unit == SHARE:
        return "0.##%"
    return "#,##0" if unit in COUNTED_UNITS else "#,##0.####"


def _figure_rule(line: Line) -> dict[str, Any]:
    unit, ceiling = line["unit"], line["comparator"] in ("<", "<=")
    rule = {
        "validate": "integer" if unit in COUNTED_UNITS else "decimal",
        "criteria": "between",
        "minimum": 0,
        "maximum": 1 if unit == SHARE and not ceiling else int(LARGEST),
        "error_title": _("请填写数字"),
        "error_message": _figure_error(unit),
    }
    return rule | {"ignore_blank": True}


def _figure_error(unit: str) -> str:
    if unit == SHARE:
        return _("请填写百分数，例如填 62.5。")
    if unit in COUNTED_UNITS:
        return _("请填写整数，不要写单位。")
    return _("请填写数字，最多 %(n)s 位小数，不要写单位。", n=DECIMAL_PLACES)


def _list_rule(first: int, last: int) -> dict[str, Any]:
    return {
        "validate": "list",
        "source": f"='{IDENTITY}'!$C${first}:$C${last}",
        "error_title": _("请从列表中选择"),
        "error_message": _("请从下拉列表中选择，或清空单元格。"),
    }


def _text_rule() -> dict[str, Any]:
    return {
        "validate": "length",
        "criteria": "<=",
        "value": LONGEST_TEXT,
        "error_title": _("文字过长"),
        "error_message": _("最多 %(max)d 个字，请精简。", max=LONGEST_TEXT),
    }
