"""Forms of the pages where administrators look after people."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, RadioField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from webapp.accounts.duties import Duties
from webapp.accounts.forms import EMPTY
from webapp.accounts.wording import ROLE_LABELS
from webapp.i18n import LOCALES
from webapp.web import GuardedForm, required_length

Places = Sequence[tuple[str, str]]


class RoleForm(GuardedForm):
    """A role at an organisation, between two days."""

    organisation = SelectField(_l("单位"), validate_choice=False)
    role = SelectField(_l("岗位"), choices=[SelectChoice(role.value, label) for role, label in ROLE_LABELS.items()])
    deputy = BooleanField(_l("作为副职"))
    valid_from = DateField(_l("起始日期"), [InputRequired(_l("请填写起始日期。"))])
    valid_until = DateField(_l("截止日期"), [Optional()])

    def offer(self, places: Places) -> None:
        """The organisations to choose from; the service checks the choice."""
        self.organisation.choices = [SelectChoice("", _l("请选择")), *(SelectChoice(*each) for each in places)]

    def wish(self) -> dict[str, Any]:
        """What was asked for, as the service takes it."""
        names = ("organisation", "valid_from", "valid_until", "deputy")
        return {name: self[name].data for name in names}


class PersonForm(RoleForm):
    """Somebody new, with a first role."""

    name_zh = StringField(_l("姓名"), [EMPTY, required_length(60)])
    name_en = StringField(_l("英文或拼音姓名"), [required_length(60)])
    email = StringField(_l("电子邮箱"), [EMPTY, required_length(254)])
    phone = StringField(_l("联系电话"), [required_length(40)])
    locale = RadioField(
        _l("页面和邮件的语言"), choices=[SelectChoice(LOCALES[0], _l("中文")), SelectChoice(LOCALES[1], _l("英文"))]
    )

    def profile(self) -> dict[str, str]:
        """Who it is, as the service takes it."""
        return {name: self[name].data or "" for name in ("name_zh", "name_en", "email", "phone", "locale")}


class EndForm(GuardedForm):
    """The last day of a role."""

    last_day = DateField(_l("最后一天"), [InputRequired(_l("请填写最后一天。"))])


class DutiesForm(GuardedForm):
    """What the holder of a role may be in the organisation's monthly report."""

    may_fill = BooleanField()
    may_check = BooleanField()
    may_sign = BooleanField()

    def duties(self) -> Duties:
        """What was ticked."""
        return Duties(fill=self.may_fill.data, check=self.may_check.data, sign=self.may_sign.data)


class AddressForm(GuardedForm):
    """Another address, or the same once more."""

    email = StringField(_l("电子邮箱"), [EMPTY, required_length(254)])


class SwitchForm(GuardedForm):
    """A button that sets something to yes or no."""

    on = BooleanField()
