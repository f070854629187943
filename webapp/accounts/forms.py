"""Forms of sign-in and of a person's own account."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, PasswordField, RadioField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, EqualTo

from webapp.i18n import LOCALES
from webapp.web import GuardedForm, required_length

EMPTY = DataRequired(_l("请填写此项。"))


class SignInForm(FlaskForm):
    """Address and password. Nothing is checked before sending but that both are there."""

    email = StringField(_l("电子邮箱"), [EMPTY, required_length(254)])
    password = PasswordField(_l("密码"), [EMPTY, required_length(1000)])
    next = HiddenField()


class ProfileForm(GuardedForm):
    """What a person says of themselves."""

    name_zh = StringField(_l("姓名"), [EMPTY, required_length(60)])
    name_en = StringField(_l("英文或拼音姓名"), [required_length(60)])
    phone = StringField(_l("联系电话"), [required_length(40)])
    locale = RadioField(
        _l("页面和邮件的语言"), choices=[SelectChoice(LOCALES[0], _l("中文")), SelectChoice(LOCALES[1], _l("英文"))]
    )


class PasswordForm(GuardedForm):
    """A new password, with the present one."""

    current = PasswordField(_l("当前密码"), [EMPTY, required_length(1000)])
    password = PasswordField(_l("新密码"), [EMPTY, required_length(1000)])
    repeated = PasswordField(_l("再次输入新密码"), [EqualTo("password", _l("两次输入的新密码不一致。"))])

    def content(self) -> dict[str, Any]:
        """Nothing: a password leaves no trace, not even in the record of a request."""
        return {}


class MailTopicsForm(GuardedForm):
    """Which mails a person wants: a field for each of `mail.models.TOPICS`."""

    reminders = BooleanField(_l("到期提醒邮件"))
    decisions = BooleanField(_l("审核结果和通报邮件"))
