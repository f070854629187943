"""The form that confirms an act on many rows."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import AnyOf

from webapp.bulk.rules import ACTS, MOST
from webapp.bulk.service import LONGEST_REASON
from webapp.lists.rules import LONGEST_QUERY
from webapp.web import GuardedForm, required_length


class ConfirmForm(GuardedForm):
    """The act, the rows with their versions, one reason for all, and the query of the list they come from."""

    act = HiddenField(validators=[AnyOf(ACTS, _l("请重新选择要进行的操作。"))])
    rows = HiddenField(validators=[required_length(MOST * 40)])
    listed = HiddenField(validators=[required_length(LONGEST_QUERY)])
    reason = TextAreaField(_l("理由或说明"), [required_length(LONGEST_REASON)])
