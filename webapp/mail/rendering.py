"""Wording a mail: a text and an HTML template of a feature, in one language, style sheets written into the elements.

A feature keeps `templates/<feature>/mail_<name>.txt` and `.html`; the HTML extends `mail/layout.html`. Nothing in a
mail is fetched from elsewhere, and every link begins with `base_url`.
"""

from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from flask_babel import gettext, ngettext, pgettext
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from webapp.i18n import FILTERS, SAYINGS, language
from webapp.mail.message import Rendered

OWN_TEMPLATES = Path(__file__).parent / "templates"
# Phones read the rules inside @media, so those stay in a style sheet; remote style sheets are never fetched.
_INLINER = css_inline.CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader([folder, OWN_TEMPLATES]),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_callables(gettext, ngettext, newstyle=True, pgettext=pgettext)  # type: ignore[attr-defined]
    environment.globals.update(SAYINGS)
    environment.filters.update(FILTERS)
    return environment


def render(folder: Path, name: str, *, subject: str, **context: Any) -> Rendered:
    """Word a mail in the language being spoken (`i18n.use_locale`). `name` is "reminders/mail_digest"."""
    environment = _environment(folder)
    context |= {"subject": subject, "language": language()}
    text = environment.get_template(f"{name}.txt").render(context)
    html = environment.get_template(f"{name}.html").render(context)
    return Rendered(" ".join(subject.split()), text.strip() + "\n", _INLINER.inline(html))


def render_test(address: str) -> Rendered:
    """The mail by which an operator tries the server, in the language being spoken."""
    return render(OWN_TEMPLATES, "mail/test", subject=gettext("测试邮件"), address=address)
