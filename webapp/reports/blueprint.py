"""The blueprint of the monthly reports, and the one filter of its templates."""

from flask import Blueprint
from markupsafe import Markup, escape

from webapp.documents.tongue import in_chinese
from webapp.i18n import language

blueprint = Blueprint("reports", __name__, template_folder="templates")


@blueprint.app_template_filter("typed")
def typed(text: str) -> Markup:
    """What somebody typed, line by line; on an English page Chinese words are marked as such, not translated."""
    if language() == "en" and in_chinese(text):
        return Markup('<span class="rp-text" lang="zh-Hans-CN">{}</span>').format(text)
    return Markup('<span class="rp-text">{}</span>').format(escape(text))
