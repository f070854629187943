"""The desk's blueprint, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

blueprint = Blueprint("desk", __name__, template_folder="templates")
# Larger numbers do not fit the database's integers on SQLite.
ID = "int(max=9007199254740991)"
