"""Drafts and publishing: the acts of the region's coordinators, and what everybody else may read.

A published ranking is never changed: it carries its formula and its rows. What comes to light later makes a further
revision, with its reason, as known on the day before.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.clock import local_date
from webapp.db import insert_once
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from webapp.i18n import day
from webapp.permissions import Actor
from webapp.plans.models import Plan
from webapp.ranking import queries, rules
from webapp.ranking.content import Content, content
from webapp.ranking.models import RankingIssue
from webapp.reports.guard import tidy
from webapp.reports.rules import digest

LONGEST_REASON = 500
NO_RANKING = _l("没有这个月的排名，或者尚未发布。")
NOT_YOURS = _l("排名由区域协作小组的调度人员编制和发布，发布后各单位可以查阅。")
MOVED = _l("您打开页面之后，数据或排名版本有变化，没有发布。请核对最新的排名后再发布。")
REASON = _l("请写明更正的原因，它会同更正后的排名一起公布。")
REASON_LONG = _l("原因最多 %(n)s 字，请精简。", n=LONGEST_REASON)
NOTHING_NEW = _l("与已发布的排名没有差别，不需要更正。")


@dataclass(frozen=True, slots=True)
class Draft:
    """A ranking as it would be published now; `revision` is the number it would bear."""

    month: date
    known_on: date
    revision: int
    content: Content
    sha256: str
    changed: bool


def may_publish(session: Session, plan: Plan, actor: Actor) -> bool:
    """Whether the actor sees drafts and publishes."""
    return rules.may_publish(actor, queries.region_path(session, plan))


def allow_region(session: Session, plan: Plan, actor: Actor) -> None:
    """Raises NotFound for whoever does not belong to the plan's region."""
    if not rules.may_read(actor, queries.region_path(session, plan)):
        raise NotFound(NO_RANKING)


def allow_reading(session: Session, plan: Plan, actor: Actor) -> None:
    """Raises NotFound for whoever does not belong to the plan's region, and where the plan ranks nobody."""
    allow_region(session, plan, actor)
    if not plan.rules.get("ranking"):
        raise NotFound(NO_RANKING)


def allow_publishing(session: Session, plan: Plan, actor: Actor) -> None:
    """Raises NotFound for strangers and Forbidden for everybody but the region's coordinators."""
    allow_reading(session, plan, actor)
    if not may_publish(session, plan, actor):
        raise Forbidden(NOT_YOURS)


def get_issue(session: Session, plan: Plan, month: date, revision: int = 0) -> tuple[RankingIssue, int]:
    """A revision of a month's ranking, the newest for 0, and how many there are. Raises NotFound."""
    found = queries.issues(session, plan.id, month)
    issue = next((each for each in found if each.revision == (revision or len(found))), None)
    if issue is None:
        raise NotFound(NO_RANKING)
    return issue, len(found)


def draft(session: Session, plan: Plan, month: date, *, actor: Actor, now: datetime) -> Draft:
    """The ranking as it would be published now: as known on the cut-off, a correction as known yesterday.

    Raises Forbidden, NotFound (no such month) or Conflict (the cut-off is not over, or nothing was rolled up by then).
    """
    allow_publishing(session, plan, actor)
    cut_off = queries.cut_off(session, plan.id, month)
    if cut_off is None:
        raise NotFound(_l("这个月没有月报，不编制排名。"))
    published = queries.issues(session, plan.id, month)
    known_on = _known_on(session, plan, month, cut_off, bool(published), local_date(now))
    made = content(
        plan, month, known_on, queries.known(session, plan, month, known_on), queries.clauses(session, plan.id)
    )
    changed = not published or _says(made) != _says(published[-1].content)
    return Draft(month, known_on, len(published) + 1, made, digest(made), changed)


def _known_on(session: Session, plan: Plan, month: date, cut_off: date, again: bool, today: date) -> date:
    """The last day that counts: the cut-off, or the day the month was first rolled up if that came later."""
    rolled_up = queries.rolled_up_on(session, plan.id, month)
    if rolled_up is None:
        raise Conflict(_l("这个月还没有汇总数据，汇总任务运行后才能编制排名。"))
    first = max(cut_off, rolled_up)
    if today <= first:
        raise Conflict(_l("数据口径日是%(day)s，当日结束后才能编制排名。", day=day(first)))
    return max(first, today - timedelta(days=1)) if again else first


def _says(made: Content) -> Content:
    return {name: value for name, value in made.items() if name != "known_on"}


def publish(
    session: Session, plan: Plan, month: date, *, sha256: str, reason: str, actor: Actor, now: datetime
) -> RankingIssue:
    """Freeze what was shown (`sha256` is the draft's). A correction needs a reason.

    Raises Forbidden, NotFound, Conflict, Invalid, or Stale when figures or revisions moved since.
    """
    found = draft(session, plan, month, actor=actor, now=now)
    if found.sha256 != sha256:
        raise Stale(MOVED)
    words = tidy(reason) if found.revision > 1 else ""
    if found.revision > 1:
        _check(found, words)
    values = {
        "plan_id": plan.id, "month": month, "revision": found.revision, "known_on": found.known_on, "reason": words,
        "content": found.content, "sha256": found.sha256, "published_by": actor.id, "published_by_label": actor.name,
        "published_at": now,
    }  # fmt: skip
    number = insert_once(session, RankingIssue, values)
    if number is None:
        raise Stale(MOVED)
    facts = {"month": f"{month:%Y-%m}", "revision": found.revision, "reason": words or None, "sha256": sha256}
    record(session, "ranking.published", ("ranking_issue", number), actor=actor, now=now,
           area=queries.region_path(session, plan), facts=facts)  # fmt: skip
    return session.get_one(RankingIssue, number)


def _check(found: Draft, words: str) -> None:
    if not found.changed:
        raise Conflict(NOTHING_NEW)
    if not words:
        raise Invalid([Problem("reason", REASON)])
    if len(words) > LONGEST_REASON:
        raise Invalid([Problem("reason", REASON_LONG)])
