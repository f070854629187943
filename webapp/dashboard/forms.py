"""The form in which a claim is decided on."""

from decimal import Decimal, InvalidOperation

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from webapp.errors import Invalid, Problem
from webapp.web import GuardedForm, required_length

CLAIM = (
    SelectChoice("verify", _l("办结销号：佐证属实，达到要求，计入办结率")),
    SelectChoice("return", _l("退回整改：写明理由，由承办单位整改后重新申请")),
)
NA_CLAIM = (
    SelectChoice("na_accept", _l("同意不涉及：从今天起不再计入各项比率的分母")),
    SelectChoice("na_refuse", _l("不同意：写明理由，退回承办单位继续办理")),
)
LONGEST_REASON = 2000


class DecisionForm(GuardedForm):
    """Verify or return; the verified figure where it differs, the reason where it is asked for."""

    decision = RadioField(_l("审核意见"), [InputRequired(_l("请选择审核意见。"))], choices=[*CLAIM, *NA_CLAIM])
    quantity = StringField(_l("核实的完成数"), [Optional(), required_length(30)])
    reason = TextAreaField(_l("理由或说明"), [Optional(), required_length(LONGEST_REASON)])

    def for_status(self, status: str) -> "DecisionForm":
        """Offer the decisions that exist for a claim of completion, or for one of not being concerned.

        Only when the page is shown: a repeated request finds the claim decided, and is still what it was.
        """
        self.decision.choices = list(NA_CLAIM if status == "na_claimed" else CLAIM)
        return self

    def figure(self, unit: str) -> Decimal | None:
        """The verified figure in the task's unit; shares are typed as percentages. Raises Invalid for no number."""
        typed = (self.quantity.data or "").strip().replace(",", "").replace("，", "").rstrip("%％")
        if not typed:
            return None
        try:
            figure = Decimal(typed)
        except InvalidOperation:
            raise Invalid([Problem("quantity", _l("请填写数字，例如 38。"))]) from None
        if not figure.is_finite():
            raise Invalid([Problem("quantity", _l("请填写数字，例如 38。"))])
        return figure / 100 if unit == "share" else figure
