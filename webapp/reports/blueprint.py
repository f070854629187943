"""The reports' blueprint, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

blueprint = Blueprint("reports", __name__, template_folder="templates")
