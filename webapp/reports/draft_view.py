"""What the page of a draft shows: what needs doing first, then every line in the group where it is looked for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _

from webapp.reports import mending, pages, rules
from webapp.reports.checks import Finding
from webapp.reports.draft import Draft
from webapp.reports.mending import Mend
from webapp.reports.models import ReportDecision, ReportNote
from webapp.reports.unchanged import left_over

TEXTS = ("problem", "next_step", "reason")
FINISHED = frozenset({"done", "done_late", "awaiting"})
STANDING = frozenset({"standing"})


@dataclass(frozen=True, slots=True)
class Typed:
    """A line's form that came back: what was typed, what somebody else saved meanwhile, what is wrong."""

    assignment: int
    texts: Mapping[str, str]
    message: str
    version: int
    theirs: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Row:
    """A line with its words as a form, what was found about it, and what the level above said of it."""

    shown: pages.Shown
    texts: Mapping[str, str]
    version: int
    mends: Sequence[Mend] = ()
    returned: str = ""
    typed: Typed | None = None
    # Whether later days were spoken of, so that the month's figure is put right on a page of its own.
    is_past: bool = False

    @property
    def wants_reason(self) -> bool:
        """Whether there is a figure to give a reason for."""
        return bool(self.texts["reason"]) or any(
            each.finding.code in ("below_accepted", "jump") for each in self.mends
        )  # fmt: skip

    @property
    def is_open(self) -> bool:
        """Whether its form stands open from the start."""
        return self.typed is not None or bool(self.returned) or self.wants_reason


@dataclass(frozen=True, slots=True)
class Group:
    """Lines that belong together; only what needs looking at is unfolded."""

    name: str
    title: str
    rows: Sequence[Row]
    unfolded: bool


@dataclass(frozen=True, slots=True)
class View:
    """The whole page's content."""

    errors: Sequence[Mend]
    warnings: Sequence[Mend]
    silent: Sequence[Mend]
    returned: Sequence[Row]
    groups: Sequence[Group]
    unchanged: Sequence[Mapping[str, Any]]


def view(
    report_id: int, lines: Draft, found: Sequence[Finding], decision: ReportDecision | None, typed: Typed | None
) -> View:
    """Put a draft's page together; `decision` is the return that is being answered, if there is one."""
    known = {line["assignment"]: line for line in lines.lines}
    mends = [mending.mend(each, known[each.assignment], report_id) for each in found]
    reasons = {each["assignment"]: str(each["reason"]) for each in decision.lines} if decision else {}
    rows = _rows(lines, mends, reasons, typed)
    unchanged = left_over(lines, found)
    grouped = {line["assignment"] for line in unchanged}
    return View(
        errors=[each for each in mends if each.finding.level == "error"],
        warnings=[each for each in mends if each.finding.level == "warning" and each.finding.code != "silent"],
        silent=[
            each for each in mends if each.finding.code == "silent" and each.finding.assignment not in grouped
        ],
        returned=[row for row in rows if row.returned],
        groups=_groups(rows),
        unchanged=unchanged,
    )  # fmt: skip


def _rows(lines: Draft, mends: Iterable[Mend], reasons: Mapping[int, str], typed: Typed | None) -> list[Row]:
    about: dict[int, list[Mend]] = {}
    for each in mends:
        if each.finding.code != "silent":
            about.setdefault(each.finding.assignment, []).append(each)
    past = lines.later - lines.counted
    return [
        _row(
            line, lines.notes.get(line["assignment"]), about.get(line["assignment"], ()),
            reasons.get(line["assignment"], ""), typed, line["assignment"] in past,
        )
        for line in lines.lines
    ]  # fmt: skip


def _row(
    line: Mapping[str, Any],
    note: ReportNote | None,
    mends: Sequence[Mend],
    returned: str,
    typed: Typed | None,
    is_later: bool,
) -> Row:
    mine = typed if typed is not None and typed.assignment == line["assignment"] else None
    texts = mine.texts if mine else {name: line[name] for name in TEXTS}
    version = mine.version if mine else note.version if note else 0
    shown = pages.shown(line)
    return Row(shown, texts, version, mends, returned, mine, is_later and not shown.milestone)


def _groups(rows: Sequence[Row]) -> list[Group]:
    attention = [row for row in rows if _needs_looking_at(row)]
    rest = [row for row in rows if not _needs_looking_at(row)]
    labels = FINISHED | STANDING
    found = (
        Group("attention", _("需要关注的任务"), sorted(attention, key=_severity), True),
        Group("normal", _("正常推进的任务"), [row for row in rest if row.shown.line["label"] not in labels], False),
        Group("standing", _("长期任务"), [row for row in rest if row.shown.line["label"] in STANDING], False),
        Group("finished", _("办结和待核验的任务"), [row for row in rest if row.shown.line["label"] in FINISHED], False),
    )
    return [group for group in found if group.rows]


def _needs_looking_at(row: Row) -> bool:
    return bool(row.mends or row.returned or row.typed) or row.shown.line["label"] in rules.WORRYING


def _severity(row: Row) -> tuple[bool, int, bool, str]:
    line = row.shown.line
    errors = any(each.finding.level == "error" for each in row.mends)
    return not (errors or row.returned), rules.severity(line), line["light"] != "red", line["due"] or "9999"
