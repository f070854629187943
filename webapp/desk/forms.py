"""Forms of the desk."""

from decimal import Decimal

from flask_babel import lazy_gettext as _l
from flask_wtf.file import MultipleFileField
from wtforms import BooleanField, DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from webapp.plans.models import Assignment
from webapp.plans.units import MILESTONE
from webapp.progress import figures
from webapp.web import GuardedForm, required_length

LONGEST = 2000
STANDING = ("standing", "recurring_report")


class ActForm(GuardedForm):
    """A button: nothing but the guards."""


class UpdateForm(GuardedForm):
    """What was done: a figure or a milestone's state, the day it speaks of, words, files."""

    quantity = StringField(_l("累计完成"), [Optional(), required_length(40)])
    added = StringField(_l("本次新增"), [Optional(), required_length(40)])
    state = RadioField(
        _l("完成情况"),
        [Optional()],
        choices=[
            SelectChoice("0", _l("尚未完成，正在推进")),
            SelectChoice("1", _l("已按要求完成")),
        ],
    )
    as_of = DateField(_l("数据截止日期"), [InputRequired(_l("请填写数据截止日期。"))])
    note = TextAreaField(_l("进展说明"), [Optional(), required_length(LONGEST)])
    problem = TextAreaField(_l("存在问题"), [Optional(), required_length(LONGEST)])
    next_step = TextAreaField(_l("下一步打算"), [Optional(), required_length(LONGEST)])
    reason = TextAreaField(_l("核减或异常说明"), [Optional(), required_length(LONGEST)])
    files = MultipleFileField(_l("佐证材料"))
    kept = HiddenField()
    claim = BooleanField(_l("同时申请销号"))

    def total(self, assignment: Assignment) -> Decimal | None:
        """The new total in the task's unit. Raises Invalid at the field that cannot be read.

        Against a row that was saved meanwhile the two inputs cannot agree; the version refuses that form, not the sum.
        """
        task = assignment.task
        if assignment.counted:
            return figures.parse(self.quantity.data, task.unit, "quantity")
        if task.unit == MILESTONE:
            asked = task.kind not in STANDING and self.state.data in ("0", "1")
            return Decimal(self.state.data) if asked else None
        typed = figures.parse(self.quantity.data, task.unit, "quantity")
        added = figures.parse(self.added.data, task.unit, "added")
        stale = self.version.data != assignment.version
        return typed if stale and typed is not None else figures.total(typed, added, assignment.claimed)


class NotApplicableForm(GuardedForm):
    """The organisation says that a task does not concern it, and why."""

    reason = TextAreaField(
        _l("理由"), [InputRequired(_l("请说明为什么本单位不涉及此项任务。")), required_length(LONGEST)]
    )


class NodesForm(GuardedForm):
    """The monthly plan; its months are inputs named after themselves (2017-10), read from the request."""


class ReopenForm(GuardedForm):
    """Opening again what was closed, and what was found."""

    reason = TextAreaField(
        _l("发现的问题"), [InputRequired(_l("请写明回头看发现了什么问题，承办单位会看到。")), required_length(LONGEST)]
    )


class ExtendForm(GuardedForm):
    """A later due date."""

    due = DateField(_l("新的期限"), [InputRequired(_l("请填写新的期限。"))])
    reason = TextAreaField(_l("理由"), [InputRequired(_l("请填写理由，对方会看到。")), required_length(LONGEST)])
