"""Remarks, drafts and publishing: the acts of the region's coordinators, and what everybody else may read.

Publishing copies the whole content into an issue that never changes; what changes afterwards makes a further issue.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from webapp.audit.service import record
from webapp.bulletins import content, notices, queries, rules
from webapp.bulletins.content import Content, Release
from webapp.bulletins.models import BulletinDraft, BulletinIssue
from webapp.bulletins.rules import Kind, Period, Progress
from webapp.clock import local_date
from webapp.db import insert_once
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Problem, Stale
from webapp.i18n import day
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Permission, can
from webapp.plans.models import Plan
from webapp.reports.guard import trimmed
from webapp.reports.rules import digest

LONGEST_REMARKS = 4000
UNPRINTABLE = re.compile(r"[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Prepared:
    """A document as it would be published now: its content and check sum, and the remarks' version (0: none yet)."""

    content: Content
    sha256: str
    version: int


class RemarksStale(Stale):
    """Somebody else saved the remarks first; `theirs` is what stands there now."""

    def __init__(self, theirs: BulletinDraft) -> None:
        super().__init__(
            _l("%(who)s 刚刚保存了“下一步要求”。两处内容都在，请核对后保留一份。", who=theirs.updated_by_label)
        )
        self.theirs = theirs


# --- who may, and of which period


def region_of(session: Session, plan: Plan) -> Organisation:
    """The organisation that publishes for a plan."""
    return session.get_one(Organisation, plan.region_id)


def may_read(session: Session, plan: Plan, kind: Kind, actor: Actor) -> bool:
    """Whether the actor reads what is published: bulletins all members, reports upward those who oversee the region."""
    path = region_of(session, plan).path
    return rules.may_read(actor, path) if kind == "bulletin" else can(actor, Permission.OVERVIEW, path)


def allow_reading(session: Session, plan: Plan, kind: Kind, actor: Actor) -> None:
    """Raises NotFound for whoever may not read what is published."""
    if not may_read(session, plan, kind, actor):
        raise NotFound(_l("没有这份文件，或者不在您的管辖范围内。"))


def may_publish(session: Session, plan: Plan, actor: Actor) -> bool:
    """Whether the actor sees drafts, writes remarks and publishes."""
    return rules.may_publish(actor, region_of(session, plan).path)


def allow_publishing(session: Session, plan: Plan, actor: Actor) -> None:
    """Raises Forbidden for everybody but the region's coordinators."""
    if not may_publish(session, plan, actor):
        raise Forbidden(_l("草稿由区域协作小组的调度人员编写和印发，印发后各单位可以查阅。"))


def get_period(session: Session, plan: Plan, kind: Kind, code: str) -> Period:
    """A period by its code. Raises NotFound for one the plan does not have."""
    found = next((each for each in queries.periods(session, plan, kind) if each.code == code), None)
    if found is None:
        raise NotFound(_l("方案中没有这一期。"))
    return found


def progress_of(session: Session, plan: Plan, period: Period) -> Progress:
    """How far the reports of a period are, all its months together."""
    return together(queries.progress_by_month(session, plan.id), period)


def together(by_month: Mapping[Any, Progress], period: Period) -> Progress:
    """The progress of some months as one; nothing is wanted yet while one of them has no reports."""
    parts = [by_month.get(month) for month in period.months]
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return Progress(0, 0, 0, None)
    return Progress(
        sum(part.wanted for part in known),
        sum(part.filed for part in known),
        sum(part.accepted for part in known),
        max((part.due for part in known if part.due), default=None),
    )


def refuse_unless_closed(session: Session, plan: Plan, period: Period, now: datetime) -> Progress:
    """How far a closed period's reports are. Raises Conflict for one that is not closed, saying from when it is."""
    found = progress_of(session, plan, period)
    if found.is_closed(local_date(now)):
        return found
    if found.due is None:
        raise Conflict(_l("这一期的月报还没有全部生成，不能成文。"))
    raise Conflict(
        _l("这一期的月报尚在报送期内，%(due)s之后才能成文，此前不能认定谁迟报、谁未报。", due=day(found.due))
    )


# --- drafts


def get_issue(session: Session, plan: Plan, period: Period, number: int = 0) -> tuple[BulletinIssue, int]:
    """An issue on a period by its number, the newest for 0, and how many there are. Raises NotFound."""
    found = queries.issues(session, plan.id, period)
    wanted = number or len(found)
    issue = next((each for each in found if each.issue == wanted), None)
    if issue is None:
        raise NotFound(_l("这一期尚未印发。"))
    return issue, len(found)


def prepare(session: Session, plan: Plan, period: Period, *, now: datetime) -> Prepared:
    """The document as it would be published now. Raises Conflict while the period is not closed.

    For the region's coordinators and the operator's command line: the caller has asked who wants it.
    """
    refuse_unless_closed(session, plan, period, now)
    draft = queries.get_draft(session, plan.id, period)
    published = queries.issues(session, plan.id, period)
    figures = content.body(queries.facts(session, plan, period))
    made = content.draft(
        figures,
        draft.remarks_zh if draft else "",
        draft.remarks_en if draft else "",
        published[-1].content if published else None,
    )
    return Prepared(made, digest(made), draft.version if draft else 0)


def save_remarks(
    session: Session, plan: Plan, period: Period, *, zh: str, en: str, version: int, actor: Actor, now: datetime
) -> BulletinDraft:
    """Keep the coordinator's remarks in both languages; saving what is there already changes nothing.

    `version` is that of the remarks the form was made from, 0 where there were none. Raises Forbidden, RemarksStale or
    Invalid (too long).
    """
    allow_publishing(session, plan, actor)
    texts = {"remarks_zh": trimmed(zh), "remarks_en": trimmed(en)}
    _refuse_bad(texts)
    present = queries.get_draft(session, plan.id, period, fresh=True)
    if present is not None and {name: getattr(present, name) for name in texts} == texts:
        return present
    if version != (present.version if present else 0):
        raise _overtaken(session, present)
    values = {**texts, "updated_by": actor.id, "updated_by_label": actor.name, "updated_at": now}
    saved = _insert(session, plan, period, values) if present is None else _change(session, present, values)
    facts = {"period": period.code, "version": saved.version}
    _write_down(session, f"{period.kind}.remarks", ("bulletin_draft", saved.id), plan, actor, now, facts)
    return saved


def _refuse_bad(texts: Mapping[str, str]) -> None:
    problems = [
        Problem(name, _l("最多 %(max)d 个字，请精简。", max=LONGEST_REMARKS))
        for name, text in texts.items()
        if len(text) > LONGEST_REMARKS
    ]
    # What no document format can hold; PostgreSQL refuses the first of them too.
    problems += [
        Problem(name, _l("含有无法印出的控制字符，请删去后重新保存。"))
        for name, text in texts.items()
        if UNPRINTABLE.search(text)
    ]
    if problems:
        raise Invalid(problems)


def _overtaken(session: Session, present: BulletinDraft | None) -> Stale:
    if present is None:
        return Stale(_l("“下一步要求”的版本不对，请刷新页面后重新保存，您填写的内容还在。"))
    # What the transaction undoes forgets its values; these are shown after it.
    session.expunge(present)
    return RemarksStale(present)


def _insert(session: Session, plan: Plan, period: Period, values: dict[str, Any]) -> BulletinDraft:
    key = {"plan_id": plan.id, "kind": period.kind, "period": period.code}
    made = insert_once(session, BulletinDraft, {**key, **values, "version": 1})
    present = queries.get_draft(session, plan.id, period, fresh=True)
    assert present is not None
    if made is None:
        raise _overtaken(session, present)
    return present


def _change(session: Session, present: BulletinDraft, values: dict[str, Any]) -> BulletinDraft:
    for name, value in values.items():
        setattr(present, name, value)
    try:
        session.flush()
    except StaleDataError:
        raise Stale(_l("别人刚刚先保存了“下一步要求”，请刷新页面核对后重新保存。")) from None
    return present


# --- publishing


def mails_of(session: Session, issue: BulletinIssue) -> int:
    """To how many people a mail of an issue was written."""
    return queries.mails_of(session, notices.cause(issue))


def publish(
    session: Session, plan: Plan, period: Period, *, seen: str, version: int, actor: Actor, now: datetime
) -> BulletinIssue:
    """Publish a document as it was seen and queue the mails to the members.

    `seen` is the check sum and `version` the remarks' version the confirmation showed. Raises Forbidden, Conflict (not
    closed, or the last issue says the same), Stale (figures or remarks changed since).
    """
    allow_publishing(session, plan, actor)
    # One at a time, so that two issues never bear the same number.
    session.execute(select(Plan.id).where(Plan.id == plan.id).with_for_update())
    prepared = prepare(session, plan, period, now=now)
    earlier = queries.issues(session, plan.id, period)
    if earlier and content.says_the_same(earlier[-1].content, prepared.content):
        raise Conflict(_l("内容与已印发的一期完全相同，无需再次印发。"))
    if (seen, version) != (prepared.sha256, prepared.version):
        raise Stale(_l("您打开页面之后，月报数据或“下一步要求”有变化。请核对最新内容后再印发。"))
    return release(session, plan, period, prepared, actor=actor, now=now)


def release(
    session: Session, plan: Plan, period: Period, prepared: Prepared, *, actor: Actor, now: datetime
) -> BulletinIssue:
    """Publish what was prepared in this very transaction; `publish` asks first whether it may be.

    Raises Forbidden.
    """
    allow_publishing(session, plan, actor)
    before = queries.issue_rows(session, plan.id, period.kind)
    year, number = next_number(session, plan, period.kind, now)
    place = Release(sum(row.period == period.code for row in before) + 1, year, number, now, actor.name)
    issue = _add(session, plan, period, content.published(prepared.content, place), place, actor)
    facts = {"period": period.code, "number": f"{place.year}-{place.number}", "sha256": issue.sha256}
    _write_down(session, f"{period.kind}.publish", ("bulletin_issue", issue.id), plan, actor, now, facts)
    notices.tell_members(session, plan, region_of(session, plan), issue, actor=actor, now=now)
    return issue


def next_number(session: Session, plan: Plan, kind: Kind, now: datetime) -> tuple[int, int]:
    """The year and the number within it that the next issue of a kind would bear."""
    year = local_date(now).year
    taken = [row.number for row in queries.issue_rows(session, plan.id, kind) if row.year == year]
    return year, max(taken, default=0) + 1


def _add(
    session: Session, plan: Plan, period: Period, copied: Content, release: Release, actor: Actor
) -> BulletinIssue:
    row = BulletinIssue(
        plan_id=plan.id, kind=period.kind, period=period.code, issue=release.issue, content=copied,
        sha256=digest(copied), published_by=actor.id, published_by_label=actor.name, published_at=release.at,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _write_down(
    session: Session, action: str, subject: tuple[str, int], plan: Plan, actor: Actor, now: datetime,
    facts: dict[str, Any],
) -> None:  # fmt: skip
    record(session, action, subject, actor=actor, now=now, area=region_of(session, plan).path, facts=facts)
