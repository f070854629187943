"""The bulletins' blueprint, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

blueprint = Blueprint("bulletins", __name__, template_folder="templates")
