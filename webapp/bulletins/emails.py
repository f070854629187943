"""The mail that tells a member of a published bulletin. It goes out at once."""

from datetime import date
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webapp.bulletins.rules import number_text
from webapp.i18n import language, month, pick, use_locale
from webapp.mail.message import Rendered
from webapp.mail.rendering import render

TEMPLATES = Path(__file__).parent / "templates"
TEMPLATE = "bulletin_published"


def render_published(payload: dict[str, Any], locale: str) -> Rendered:
    """Word the mail. `payload` is what `bulletins.notices` wrote, with `base_url` added by the deliverer."""
    with use_locale(locale):
        number = number_text(payload["year"], payload["number"], language())
        headline = _(
            "%(month)s工作进展调度情况通报（%(number)s）",
            month=month(date.fromisoformat(f"{payload['period']}-01")),
            number=number,
        )
        return render(
            TEMPLATES,
            "bulletins/mail_published",
            subject=headline,
            headline=headline,
            person=pick(payload, "name"),
            facts=_facts(payload),
            remarks=(pick(payload, "remarks") or payload["remarks_en"]).splitlines(),
            url=f"{payload['base_url']}/bulletins/{payload['period']}/issues/{payload['issue']}?plan={payload['plan']}",
        )


def _facts(payload: dict[str, Any]) -> list[tuple[str, str]]:
    amends = payload["amends"]
    told = [
        (_("印发单位"), pick(payload, "issuer")),
        (
            _("省（市）月报"),
            _("应报 %(reports)s 份：按时 %(on_time)s，迟报 %(late)s，未报 %(missing)s", **payload["reports"]),
        ),
        (
            _("有期限的任务"),
            _("%(dated)s 项：办结 %(done)s，滞后 %(behind)s，逾期 %(overdue)s", **payload["figures"]),
        ),
        (_("印发人"), payload["by"]),
    ]
    if amends:
        told.insert(1, (_("更正"), number_text(amends["year"], amends["number"], language())))
    return told


RENDERERS = {TEMPLATE: render_published}
