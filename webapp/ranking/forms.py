"""The one form of this room."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField
from wtforms.validators import Optional

from webapp.ranking.service import LONGEST_REASON
from webapp.web import GuardedForm, required_length


class PublishForm(GuardedForm):
    """Publishing what was shown; `sha256` says what that was."""

    sha256 = HiddenField()
    reason = TextAreaField(_l("更正原因"), validators=[Optional(), required_length(LONGEST_REASON)])
