"""The blueprint of accounts, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__, template_folder="templates")
