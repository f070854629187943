"""The ledgers' blueprint, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

from webapp.ledgers.headers import HOWS, STATES
from webapp.ledgers.values import shown
from webapp.plans.units import quantity, unit_word

blueprint = Blueprint("ledgers", __name__, template_folder="templates")


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"quantity": quantity, "unit_word": unit_word, "shown": shown, "STATES": STATES, "HOWS": HOWS}
