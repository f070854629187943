"""The mails that tell a region's members of an issue: written to the outbox in the transaction that publishes it."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from webapp.bulletins import queries
from webapp.bulletins.emails import TEMPLATE
from webapp.bulletins.models import BulletinIssue
from webapp.clock import local_date
from webapp.db import insert_each_once
from webapp.mail.models import OutboxMail
from webapp.mail.service import Recipient, outbox_row, refusers
from webapp.organisations.models import Organisation
from webapp.permissions import Actor
from webapp.plans.effective import may_go_out
from webapp.plans.models import Plan

TOPIC = "decisions"


def tell_members(
    session: Session, plan: Plan, region: Organisation, issue: BulletinIssue, *, actor: Actor, now: datetime
) -> int:
    """Queue one mail for each officer and coordinator of the region, but not for who published; how many.

    A report upward goes to the level above the region, which the product does not know: nobody is mailed.
    """
    if issue.kind != "bulletin":
        return 0
    told, refused = _told(plan, issue), refusers(session, TOPIC)
    opens = may_go_out(session, plan.id, now=now)
    rows = [
        outbox_row(
            key=f"{TEMPLATE}:bulletin-issue:{issue.id}:{person.id}",
            template=TEMPLATE,
            person=Recipient(person.id, person.email, person.locale),
            payload=told | {"name_zh": person.name_zh, "name_en": person.name_en},
            cause=cause(issue),
            now=now,
            topic=TOPIC,
            not_before=opens,
            state="withheld" if person.id in refused else "new",
        )
        for person in queries.members(session, region.path, local_date(now))
        if person.id != actor.id
    ]
    return insert_each_once(session, OutboxMail, rows)


def cause(issue: BulletinIssue) -> str:
    """Why those mails were written, as the outbox keeps it."""
    return f"bulletin-issue:{issue.id}"


def _told(plan: Plan, issue: BulletinIssue) -> dict[str, Any]:
    content = issue.content
    areas = content["totals"]["areas"]
    return {
        "plan": plan.code,
        "kind": issue.kind,
        "period": issue.period,
        "issue": issue.issue,
        "year": content["issue"]["year"],
        "number": content["issue"]["number"],
        "amends": {name: content["amends"][name] for name in ("year", "number")} if content["amends"] else None,
        "issuer_zh": content["issuer"]["name_zh"],
        "issuer_en": content["issuer"]["name_en"],
        "reports": {name: areas[name] for name in ("reports", "on_time", "late", "missing")},
        "figures": {name: areas["figures"][name] for name in ("dated", "done", "behind", "overdue")},
        "remarks_zh": content["remarks"]["zh"],
        "remarks_en": content["remarks"]["en"],
        "by": issue.published_by_label,
    }
