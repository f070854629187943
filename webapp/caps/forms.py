"""Forms of the register. Stops and meters are named by line (`first-<line>-<n>`), for there are as many as lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from webapp.caps import checks
from webapp.caps.acts import PapersForm
from webapp.caps.checks import EnterpriseDraft, LineDraft, StopDraft
from webapp.caps.models import CapLine
from webapp.errors import Invalid, Problem
from webapp.progress import figures
from webapp.web import GuardedForm, required_length

STOPS_A_LINE = 4
LIMITS = {"yes": True, "no": False}


class EnterpriseForm(GuardedForm):
    """An enterprise."""

    name = StringField(_l("企业名称"), [required_length(checks.LONGEST_NAME)])
    county = StringField(_l("县（市、区）"), [required_length(checks.LONGEST_LINE_NAME)])
    credit_code = StringField(_l("统一社会信用代码"), [required_length(18)])
    limits = RadioField(_l("特别排放限值"), choices=[
        SelectChoice("yes", _l("已达到")),
        SelectChoice("no", _l("未达到")),
        SelectChoice("", _l("还没有结论，按未达到处理")),
    ], default="", validators=[Optional()])  # fmt: skip
    note = TextAreaField(_l("备注"), [required_length(checks.LONGEST_TEXT)])
    reason = TextAreaField(_l("变更原因"), [required_length(checks.LONGEST_TEXT)])

    def draft(self) -> EnterpriseDraft:
        """What was typed."""
        return EnterpriseDraft(
            self.name.data or "", self.county.data or "", (self.credit_code.data or "").strip().upper(),
            LIMITS.get(self.limits.data or ""), self.note.data or "",
        )  # fmt: skip


class LineForm(GuardedForm):
    """A line."""

    name = StringField(_l("生产线名称"), [required_length(checks.LONGEST_LINE_NAME)])
    kind = SelectField(_l("类别"), validate_choice=False)
    capacity = StringField(_l("产能"), [required_length(20)])
    baseline = StringField(_l("基准日用电量"), [required_length(20)])
    in_service_from = DateField(_l("投产日期"), [Optional()])
    idle_since = DateField(_l("采暖季前停产日期"), [Optional()])
    restarted_on = DateField(_l("恢复生产日期"), [Optional()])
    closed_on = DateField(_l("永久关停拆除日期"), [Optional()])
    reason = TextAreaField(_l("变更原因"), [required_length(checks.LONGEST_TEXT)])

    def draft(self) -> LineDraft:
        """What was typed. Raises Invalid where a figure is none."""
        return LineDraft(
            self.name.data or "", self.kind.data or "", figures.parse(self.capacity.data, "", "capacity"),
            figures.parse(self.baseline.data, "", "baseline"), self.in_service_from.data, self.closed_on.data,
            self.idle_since.data, self.restarted_on.data,
        )  # fmt: skip


class FilingForm(PapersForm):
    """A plan or a month's statement: its stops are read beside it. `revision` is what the form was made from."""

    revision = StringField(validators=[Optional()])
    through = DateField(_l("实绩截止日期"), [Optional()])
    reason = TextAreaField(_l("调整原因"), [required_length(checks.LONGEST_TEXT)])

    def made_from(self) -> int:
        """The revision the form was made from, 0 for none."""
        typed = self.revision.data or "0"
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 6 else -1


class ExemptionForm(PapersForm):
    """A filed highest load, or an approval."""

    ground = RadioField(_l("豁免依据"))
    line = SelectField(_l("生产线"), validate_choice=False)
    dated = DateField(_l("备案或批准日期"), [Optional()])
    max_load = StringField(_l("核定最大负荷"), [required_length(10)])
    document = StringField(_l("文号"), [required_length(checks.LONGEST_NAME)])
    reason = TextAreaField(_l("说明"), [required_length(checks.LONGEST_TEXT)])

    def line_id(self) -> int | None:
        """The line that was chosen, None for the whole enterprise."""
        typed = self.line.data or ""
        return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 16 else None


class EndForm(PapersForm):
    """The end of an exemption."""

    dated = DateField(_l("终止日期"), [Optional()])
    reason = TextAreaField(_l("终止原因"), [required_length(checks.LONGEST_TEXT)])


class VerdictForm(PapersForm):
    """A decision where statement and meter disagree."""

    verdict = RadioField(_l("核实结论"), choices=[
        SelectChoice("confirmed", _l("认可：确已停产，用电量另有原因")),
        SelectChoice("rejected", _l("不认可：没有按报送的停产")),
    ], validators=[Optional()])  # fmt: skip
    reason = TextAreaField(_l("核实情况和理由"), [required_length(checks.LONGEST_TEXT)])


@dataclass(frozen=True, slots=True)
class Slot:
    """One row of inputs of a line, as they stand in the page."""

    number: int
    first: str = ""
    last: str = ""
    units: str = ""


def typed_slots(line: int) -> list[Slot]:
    """What a page sent for a line; a plan of many stops has as many rows."""
    sent = sum(name.startswith(f"first-{line}-") for name in request.form)
    return [
        Slot(number, *(request.form.get(f"{part}-{line}-{number}", "")[:20] for part in ("first", "last", "units")))
        for number in range(max(STOPS_A_LINE, min(sent, checks.MOST_STOPS)))
    ]


def slots_of(stops: Iterable[StopDraft]) -> list[Slot]:
    """Stops as inputs, with empty ones after them."""
    found = [
        Slot(number, each.first.isoformat() if each.first else "", each.last.isoformat() if each.last else "",
             figures.shown(each.units, ""))
        for number, each in enumerate(stops)
    ]  # fmt: skip
    return [*found, *(Slot(number) for number in range(len(found), max(STOPS_A_LINE, len(found) + 1)))]


def read_stops(lines: Sequence[CapLine]) -> list[StopDraft]:
    """The stops a page sent; empty rows are none. Raises Invalid where a day or a number is none."""
    found, problems = [], []
    for line in lines:
        for slot in typed_slots(line.id):
            if not (slot.first or slot.last or slot.units):
                continue
            try:
                found.append(StopDraft(line.id, _day(slot.first), _day(slot.last), figures.parse(slot.units, "", "")))
            except (ValueError, Invalid):
                problems.append(Problem(f"line-{line.id}", _l("停产时段的日期或台数填写有误，请核对。")))
    if problems:
        raise Invalid(problems)
    return found


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def read_power(lines: Sequence[CapLine]) -> dict[int, Decimal | None]:
    """The electricity a page sent by line. Raises Invalid where it is no number."""
    return {line.id: figures.parse(typed_power(line.id), "", f"power-{line.id}") for line in lines}


def typed_power(line: int) -> str:
    """What a page sent as a line's electricity."""
    return request.form.get(f"power-{line}", "")[:20]
