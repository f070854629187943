"""Forms of a bulletin: the coordinator's remarks in both languages, and the button that publishes."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from webapp.bulletins.service import LONGEST_REMARKS
from webapp.web import GuardedForm, required_length


class RemarksForm(GuardedForm):
    """What a coordinator asks for, a paragraph a line."""

    remarks_zh = TextAreaField(_l("下一步要求（中文）"), [required_length(LONGEST_REMARKS)])
    remarks_en = TextAreaField(_l("下一步要求（英文）"), [required_length(LONGEST_REMARKS)])


class PublishForm(GuardedForm):
    """Publishing what was looked at: `seen` is its check sum."""

    seen = HiddenField()
