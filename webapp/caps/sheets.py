"""The register and a month's statements as tables: their columns, and what a file that comes back would do.

Files are read by the ledgers' reader (XLSX or CSV, UTF-8 or GB18030, bounded, faults by row and column).
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.caps import checks
from webapp.caps.policy import Policy
from webapp.errors import Problem, Text
from webapp.evidence.tables import Worded, Wrong
from webapp.i18n import pick
from webapp.ledgers.kinds import Field, Kind, Option, SampleRule
from webapp.ledgers.reading import Table
from webapp.ledgers.values import read_all

MOST_ROWS = 5_000
TOO_MANY = _l("一次最多 %(n)s 行，请按行业分成几个文件。", n=MOST_ROWS)
REPEATED = _l("与第 %(row)s 行重复，请删去一行。")
OTHERWISE = _l("与第 %(row)s 行同一企业的内容不一致，请改成一致。")
YES, NO = "yes", "no"

COUNTY = Field("county", "县（市、区）", "County", longest=checks.LONGEST_LINE_NAME)
NAME = Field("name", "企业名称", "Enterprise", required=True, longest=checks.LONGEST_NAME)
LINE = Field("line", "生产线", "Line", longest=checks.LONGEST_LINE_NAME)
LIMITS = Field(
    "limits", "达到特别排放限值", "Meets the special limits", "choice",
    options=(Option(YES, "是", "Yes"), Option(NO, "否", "No")),
)  # fmt: skip
# More than a cell may hold; what a figure may be is the register's own check, in its own words.
MOST = Decimal(10) ** 11


def _figure(code: str, label_zh: str, label_en: str) -> Field:
    return Field(code, label_zh, label_en, "number", most=MOST)


def _day(code: str, label_zh: str, label_en: str) -> Field:
    return Field(code, label_zh, label_en, "date")


def register_kind(policy: Policy) -> Kind:
    """The columns of the register: an enterprise and one of its lines in each row."""
    return _kind("cap_register", "错峰生产台账", "Register of off-peak production", (
        _sector(policy), NAME, COUNTY, Field("credit_code", "统一社会信用代码", "Credit code", "credit_code"), LIMITS,
        Field("note", "备注", "Note", longest=checks.LONGEST_TEXT), LINE,
        Field("kind", "类别", "Kind", longest=60), _figure("capacity", "产能", "Capacity"),
        _figure("baseline", "基准日用电量（千瓦时）", "Electricity of a running day (kWh)"),
        _day("in_service_from", "投产日期", "In service from"),
        _day("idle_since", "采暖季前停产日期", "Idle since"),
        _day("restarted_on", "恢复生产日期", "Restarted on"),
        _day("closed_on", "永久关停拆除日期", "Torn down on"),
    ))  # fmt: skip


def month_kind(policy: Policy) -> Kind:
    """The columns of a month's statements: a line and a stretch of days on which it stood still in each row."""
    return _kind("cap_month", "停产实绩", "Statements of a month", (
        _sector(policy), NAME, COUNTY, Field("line", "生产线", "Line", required=True, longest=checks.LONGEST_LINE_NAME),
        _day("through", "实绩截止日期", "Stated through"), _day("first", "停产自", "Stood still from"),
        _day("last", "停产至", "Stood still until"), _figure("units", "停产台数", "Units stopped"),
        _figure("power", "用电量（千瓦时）", "Electricity drawn (kWh)"),
    ))  # fmt: skip


def _sector(policy: Policy) -> Field:
    options = tuple(Option(code, each.name_zh, each.name_en) for code, each in policy.sectors.items())
    return Field("sector", "行业", "Sector", "choice", options=options, required=True)


def _kind(code: str, name_zh: str, name_en: str, fields: tuple[Field, ...]) -> Kind:
    return Kind(
        code, name_zh, name_en, "", "", "", fields, ("name",), SampleRule(Decimal(0), ()),
        by_code={each.code: each for each in fields},
    )  # fmt: skip


@dataclass
class Preview:
    """What a file would do. `lines` tell each change: (title, what is new or changes); `parts` is what is written."""

    lines: list[tuple[str, list[str]]] = field(default_factory=list)
    same: int = 0
    wrong: list[Wrong] = field(default_factory=list)
    ignored: Sequence[str] = ()
    parts: list[Any] = field(default_factory=list)
    asks_reason: bool = False

    @property
    def fingerprint(self) -> str:
        """What would be written, as a hash: between preview and confirmation nothing may have moved."""
        told = [part.as_data() for part in self.parts]
        return hashlib.sha256(json.dumps(told, sort_keys=True, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class ReadRow:
    """A row that could be read: its number and its values."""

    number: int
    values: Mapping[str, Any]

    def text(self, code: str) -> str:
        """A text, empty for none."""
        return str(self.values.get(code) or "")

    def figure(self, code: str) -> Decimal | None:
        """A figure."""
        value = self.values.get(code)
        return None if value is None else Decimal(value)


def read_rows(kind: Kind, table: Table, preview: Preview) -> list[ReadRow]:
    """The rows that can be read; what is wrong with the others goes to the preview."""
    preview.wrong += table.wrong
    preview.ignored = table.ignored
    if len(table.rows) > MOST_ROWS:
        preview.wrong.append(Wrong(table.rows[MOST_ROWS][0], "", TOO_MANY))
        return []
    found = []
    for number, cells in table.rows:
        values, faults = read_all(kind, cells)
        preview.wrong += [Wrong(number, table.titles.get(code, ""), reason) for code, reason in faults]
        if not faults:
            found.append(ReadRow(number, values))
    return found


def by_enterprise(rows: Sequence[ReadRow]) -> dict[tuple[str, str], list[ReadRow]]:
    """The rows by enterprise: sector and name."""
    found: dict[tuple[str, str], list[ReadRow]] = {}
    for row in rows:
        found.setdefault((row.text("sector"), row.text("name")), []).append(row)
    return found


def wrong(table: Table, number: int, code: str, message: Text) -> Wrong:
    """Something wrong with a cell."""
    return Wrong(number, table.titles.get(code, ""), message)


def as_wrong(table: Table, number: int, problems: Sequence[Problem], codes: Mapping[str, str]) -> list[Wrong]:
    """The register's own problems, at the columns they belong to."""
    return [wrong(table, number, codes.get(each.field, each.field), each.message) for each in problems]


def otherwise(table: Table, rows: Sequence[ReadRow], codes: Sequence[str]) -> list[Wrong]:
    """Where an enterprise's rows do not agree about it; a cell left empty does not disagree."""
    found = []
    for code in codes:
        told = [(row.number, row.values[code]) for row in rows if code in row.values]
        found += [wrong(table, number, code, Worded(OTHERWISE, row=told[0][0]))
                  for number, value in told if value != told[0][1]]  # fmt: skip
    return found


def first_value(rows: Sequence[ReadRow], code: str) -> Any:
    """What an enterprise's rows say in a column; None where none says anything."""
    return next((row.values[code] for row in rows if code in row.values), None)


def heading(kind: Kind) -> list[str]:
    """The titles of all columns, in the language being spoken."""
    return [pick(each, "label") for each in kind.fields]
