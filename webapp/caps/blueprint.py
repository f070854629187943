"""The blueprint of off-peak production, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

blueprint = Blueprint("caps", __name__, template_folder="templates")
