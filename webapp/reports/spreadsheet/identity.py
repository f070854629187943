"""Whose workbook it is, and what it said when it was made: signed, so that neither can be forged nor mixed.

Of every cell that may be filled in, a short hash of what stood there tells a cell that was typed in from one that was
not, and a line that somebody else has written meanwhile from one that is as it was.
"""

import base64
import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any

from flask_babel import lazy_gettext as _l
from itsdangerous import BadData, URLSafeSerializer

from webapp.evidence.tables import Refusal
from webapp.i18n import pick
from webapp.plans.models import Plan
from webapp.plans.units import MILESTONE
from webapp.reports.models import MonthlyReport
from webapp.reports.spreadsheet.layout import TEXTS, VERSION, is_dated

SALT = "report-spreadsheet"
DIGEST_BYTES = 9
KEPT = ("figure", *TEXTS)


@dataclass(frozen=True, slots=True)
class Stamp:
    """The identity of a workbook. `lines` holds, by task code, the assignment and the hashes of what stood there."""

    layout: int
    plan: str
    organisation: str
    name_zh: str
    name_en: str
    month: str
    report: int
    revision: int
    locale: str
    lines: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def assignment(self, task: str) -> int:
        """The line's assignment."""
        return int(self.lines[task][0])

    def title(self, task: str) -> str:
        """The hash of the line's title as it was written into the file."""
        return str(self.lines[task][1])

    def said(self, task: str, name: str) -> str:
        """The hash of what stood in a cell."""
        return str(self.lines[task][2 + KEPT.index(name)])


def stamp_of(plan: Plan, report: MonthlyReport, lines: Sequence[Mapping[str, Any]], locale: str) -> Stamp:
    """The identity of a workbook that is about to be made."""
    place = report.organisation
    return Stamp(
        VERSION, plan.code, place.code, place.name_zh, place.name_en, f"{report.month:%Y-%m}", report.id,
        report.revision, locale, {line["task"]: _line(line) for line in lines},
    )  # fmt: skip


def _line(line: Mapping[str, Any]) -> list[Any]:
    said = values(line)
    return [line["assignment"], digest(plain(pick(line, "title"))), *(digest(said[name]) for name in KEPT)]


def values(line: Mapping[str, Any]) -> dict[str, str]:
    """What a line says in the cells that may be filled in."""
    return {"figure": _figure(line)} | {name: plain(line[name]) for name in TEXTS}


def _figure(line: Mapping[str, Any]) -> str:
    """The cumulative figure; of a milestone whether it is reached, and nothing where that is no question."""
    said: str = line["cumulative"] or ""
    if line["unit"] != MILESTONE or not said:
        return said
    return str(int(Decimal(said) >= 1)) if is_dated(line) else ""


def plain(text: str) -> str:
    """A text as every spreadsheet program gives it back: one kind of line end, nothing invisible, no outer blanks."""
    ends = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in ends if letter in "\n\t" or unicodedata.category(letter)[:2] != "Cc").strip()


def digest(text: str) -> str:
    """A short hash: tells two texts apart, and nothing more."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()[:DIGEST_BYTES]).decode()


def seal(secret: str, stamp: Stamp) -> str:
    """A stamp as signed text."""
    return str(URLSafeSerializer(secret, salt=SALT).dumps(asdict(stamp)))


def unseal(secret: str, text: str) -> Stamp:
    """The stamp of a signed text. Raises Refusal for what this installation has not signed, or another layout."""
    try:
        found = URLSafeSerializer(secret, salt=SALT).loads(text)
    except BadData:
        raise Refusal(
            _l("这份表格的身份信息无法核验：它可能来自另一套系统，或隐藏的身份信息被改动过。请重新下载表格填写。")
        ) from None
    if found.get("layout") != VERSION:
        raise Refusal(_l("这份表格是系统升级前下载的，格式已经更新。请重新下载表格填写。"))
    return Stamp(**found)
