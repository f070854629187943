"""Forms of group robots. What is secret is typed in and never sent back to a page."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired
from wtforms.widgets import PasswordInput

from webapp.i18n import LOCALES
from webapp.mail.webhook_address import DINGTALK, LONGEST, WECOM
from webapp.robots.service import LONGEST_NAME, LONGEST_SECRET, Wanted
from webapp.web import GuardedForm, required_length


class ChangeRobotForm(GuardedForm):
    """What may be changed of a robot; an empty address or secret leaves what it has."""

    name = StringField(_l("名称"), [DataRequired(_l("请填写此项。")), required_length(LONGEST_NAME)])
    url = StringField(_l("Webhook 地址"), [required_length(LONGEST)])
    secret = StringField(_l("加签密钥"), [required_length(LONGEST_SECRET)], widget=PasswordInput(hide_value=True))
    drop_secret = BooleanField(_l("不再加签，删除已保存的密钥"))
    locale = RadioField(
        _l("消息的语言"), choices=[SelectChoice(LOCALES[0], _l("中文")), SelectChoice(LOCALES[1], _l("英文"))],
        default=LOCALES[0],
    )  # fmt: skip

    def wanted(self) -> Wanted:
        """What was typed."""
        return Wanted(
            name=self.name.data or "", locale=self.locale.data or "", url=(self.url.data or "").strip(),
            secret=(self.secret.data or "").strip(), drop_secret=bool(self.drop_secret.data),
        )  # fmt: skip

    def forget(self) -> None:
        """Empty what must not be sent back to a page, and say so where something was typed."""
        for field in (self.url, self.secret):
            if field.data and not field.errors:
                field.errors = [_l("为防止泄露，已填写的内容不会显示，请重新粘贴。")]
            field.data = ""


class AddRobotForm(ChangeRobotForm):
    """A new robot: also whose it is, and of which service."""

    kind = RadioField(
        _l("平台"), choices=[SelectChoice(WECOM, _l("企业微信")), SelectChoice(DINGTALK, _l("钉钉"))], default=WECOM
    )
    organisation = SelectField(_l("单位"), [DataRequired(_l("请选择单位。"))])


class RobotButtonForm(GuardedForm):
    """A button beside a robot: request key and version alone."""
