"""Forms of the monthly report: its texts, a line's words, confirming, sending, deciding, correcting."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf, DataRequired, InputRequired

from webapp.reports.service import LONGEST_TEXT
from webapp.web import GuardedForm, required_length


class ActForm(GuardedForm):
    """A button: nothing but the guards."""


class RemarkForm(GuardedForm):
    """What cannot be counted: problems, and whatever else the level above should know."""

    problems = TextAreaField(_l("存在的问题和需要协调的事项"), [required_length(LONGEST_TEXT)])
    remark = TextAreaField(_l("其他情况说明"), [required_length(LONGEST_TEXT)])


class NoteForm(GuardedForm):
    """What a line says in words; the page writes its inputs by hand, since it has dozens of them."""

    problem = TextAreaField(_l("存在问题"), [required_length(LONGEST_TEXT)])
    next_step = TextAreaField(_l("下一步打算"), [required_length(LONGEST_TEXT)])
    reason = TextAreaField(_l("数字变化的原因"), [required_length(LONGEST_TEXT)])


class FigureForm(GuardedForm):
    """A line's total as of the month's end, put right; `version` is the assignment's."""

    quantity = StringField(
        _l("截至月末的累计完成"), [InputRequired(_l("请填写更正后的累计完成数。")), required_length(40)]
    )
    reason = TextAreaField(_l("更正原因"), [DataRequired(_l("请写明更正原因。")), required_length(LONGEST_TEXT)])


class ConfirmForm(GuardedForm):
    """Confirming a draft inside its organisation; `seen` names the figures that were looked at."""

    seen = HiddenField()


class SubmitForm(ConfirmForm):
    """Sending a report; with `confirm` the signatory is the checker too."""

    confirm = BooleanField(_l("同时确认审核无误"))
    missing_reason = TextAreaField(_l("不再等候的原因"), [required_length(LONGEST_TEXT)])


class DecideForm(GuardedForm):
    """Acceptance or return; `decision` is the button that was pressed. Lines are ticked beside it."""

    reason = TextAreaField(_l("审核意见"), [required_length(LONGEST_TEXT)])
    decision = StringField(_l("审核结果"), [AnyOf(("accept", "return"), _l("请选择“审核通过”或“退回修改”。"))])


class CorrectForm(GuardedForm):
    """Opening an accepted report again."""

    why = TextAreaField(_l("更正原因"), [required_length(LONGEST_TEXT)])
