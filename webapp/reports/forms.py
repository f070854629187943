"""Forms of the monthly report: its two free texts, sending it, deciding on it."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, StringField, TextAreaField
from wtforms.validators import AnyOf

from webapp.reports.service import LONGEST_TEXT
from webapp.web import GuardedForm, required_length


class RemarkForm(GuardedForm):
    """What cannot be counted: problems, and whatever else the level above should know."""

    problems = TextAreaField(_l("存在的问题和需要协调的事项"), [required_length(LONGEST_TEXT)])
    remark = TextAreaField(_l("其他情况说明"), [required_length(LONGEST_TEXT)])


class SubmitForm(GuardedForm):
    """Sending a report; `seen` names the figures that were checked."""

    seen = HiddenField()


class DecideForm(GuardedForm):
    """Acceptance or return; `decision` is the button that was pressed."""

    reason = TextAreaField(_l("审核意见"), [required_length(LONGEST_TEXT)])
    decision = StringField(_l("审核结果"), [AnyOf(("accept", "return"), _l("请选择“审核通过”或“退回修改”。"))])
