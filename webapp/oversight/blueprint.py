"""The blueprint of oversight, apart from its pages, so that these can be split by theme."""

from flask import Blueprint

blueprint = Blueprint("oversight", "webapp.oversight", template_folder="templates")
