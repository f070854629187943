"""Forms of saved views."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, IntegerField, StringField
from wtforms.validators import Optional

from webapp.lists.rules import LONGEST_NAME, LONGEST_QUERY, LONGEST_VALUE
from webapp.web import LARGEST_ID, GuardedForm, required_length


class ActForm(GuardedForm):
    """A button that sets something to yes or no, of a view in a list that may be one organisation's ledger."""

    on = BooleanField()
    at = IntegerField(validators=[Optional()])

    @property
    def place(self) -> int | None:
        """The assignment whose ledger it is about, where one was named."""
        found: int | None = self.at.data
        return found if found is not None and 0 < found <= LARGEST_ID else None


class NameForm(ActForm):
    """A view's name."""

    name = StringField(_l("视图名称"), [required_length(LONGEST_NAME)])


class SaveForm(NameForm):
    """A new view: the query it stands for, and for whom."""

    about = HiddenField(validators=[required_length(40)])
    query = HiddenField(validators=[required_length(LONGEST_QUERY + LONGEST_VALUE)])
    shared = BooleanField(_l("与本单位人员共享"))
    default = BooleanField(_l("打开清单时默认使用"))
