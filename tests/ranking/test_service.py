"""A published ranking: frozen, reckoned again alike, corrected as a further revision, by the region alone."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.ranking.restating import restate
from tests.support.lived_in import BAODING, actor_of, at
from tests.support.site import Site
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.permissions import Actor
from webapp.plans.models import Plan
from webapp.ranking import queries, service
from webapp.ranking.content import content
from webapp.ranking.models import RankingIssue
from webapp.reports.rules import digest

AUGUST, SEPTEMBER = date(2017, 8, 1), date(2017, 9, 1)
LATER = at("2017-10-23")


def overseer(session: Session, site: Site) -> Actor:
    return actor_of(session, site.people.overseer)


def plan_of(session: Session) -> Plan:
    return session.scalars(select(Plan)).one()


def the_issue(session: Session) -> RankingIssue:
    return session.scalars(select(RankingIssue).order_by(RankingIssue.id)).all()[-1]


def test_a_ranking_can_be_reckoned_again_whatever_came_later(own_site: Site) -> None:
    restate(own_site)
    with own_site.database.reading() as session:
        plan, issue = plan_of(session), the_issue(session)
        assert issue.known_on == date(2017, 9, 8)
        found = queries.known(session, plan, AUGUST, issue.known_on)
        again = content(plan, AUGUST, issue.known_on, found, queries.clauses(session, plan.id))
        assert again == issue.content
        assert digest(again) == issue.sha256


def test_a_correction_is_a_further_revision_with_a_reason(own_site: Site) -> None:
    restate(own_site)
    with own_site.database.transaction() as session:
        plan, who = plan_of(session), overseer(session, own_site)
        first = the_issue(session).content
        found = service.draft(session, plan, AUGUST, actor=who, now=LATER)
        assert (found.revision, found.changed, found.known_on) == (2, True, date(2017, 10, 22))
        with pytest.raises(Invalid):
            service.publish(session, plan, AUGUST, sha256=found.sha256, reason=" ", actor=who, now=LATER)
        with pytest.raises(Invalid):
            service.publish(session, plan, AUGUST, sha256=found.sha256, reason="改" * 501, actor=who, now=LATER)
        with pytest.raises(Stale):
            service.publish(session, plan, AUGUST, sha256="0" * 64, reason="改", actor=who, now=LATER)
        issue = service.publish(session, plan, AUGUST, sha256=found.sha256, reason="保定更正", actor=who, now=LATER)
        assert (issue.revision, issue.reason) == (2, "保定更正")
        assert service.get_issue(session, plan, AUGUST, 1)[0].content == first
        assert service.get_issue(session, plan, AUGUST)[0].content == found.content != first


def test_what_says_the_same_is_not_published_again(own_site: Site) -> None:
    with own_site.database.transaction() as session:
        plan, who = plan_of(session), overseer(session, own_site)
        found = service.draft(session, plan, AUGUST, actor=who, now=LATER)
        assert not found.changed
        with pytest.raises(Conflict):
            service.publish(session, plan, AUGUST, sha256=found.sha256, reason="改", actor=who, now=LATER)
        assert the_issue(session).revision == 1


def test_only_a_closed_month_is_ranked(shared_site: Site) -> None:
    with shared_site.database.reading() as session:
        plan, who = plan_of(session), overseer(session, shared_site)
        rolled_up = queries.rolled_up_on(session, plan.id, SEPTEMBER)
        assert rolled_up is not None
        with pytest.raises(Conflict):
            service.draft(session, plan, SEPTEMBER, actor=who, now=at(f"{rolled_up}", "23:59"))
        found = service.draft(session, plan, SEPTEMBER, actor=who, now=at(f"{rolled_up + timedelta(days=1)}", "00:00"))
        assert (found.revision, found.known_on) == (1, rolled_up)
        with pytest.raises(NotFound):
            service.draft(session, plan, date(2016, 1, 1), actor=who, now=LATER)


def test_nobody_but_the_region_sees_a_draft(shared_site: Site) -> None:
    with shared_site.database.reading() as session:
        for person in (shared_site.people.officer, shared_site.people.coordinator, shared_site.people.reader):
            with pytest.raises(Forbidden):
                service.draft(session, plan_of(session), AUGUST, actor=actor_of(session, person), now=LATER)
        with pytest.raises(NotFound):
            service.draft(session, plan_of(session), AUGUST, actor=Actor(9, "无", "zh"), now=LATER)


def test_every_line_adds_up_from_its_rows(shared_site: Site) -> None:
    with shared_site.database.reading() as session:
        made = the_issue(session).content
    assert [len(made["tables"][table]) for table in ("city", "province")] == [28, 6]
    for table, lines in made["tables"].items():
        for line in lines:
            rows = made["rows"][table][line["code"]]
            for name in ("done", "on_pace", "behind", "overdue", "not_due", "base"):
                assert line["facts"]["pace"][name] == sum(row[name] for row in rows["pace"])
            for name in ("verified", "waiting"):
                assert line["facts"]["verified"][name] == sum(row[name] for row in rows["verified"])
            states = [row["state"] for row in rows["reports"]]
            assert all(line["facts"]["reports"][state] == states.count(state) for state in set(states))
    baoding = next(line for line in made["tables"]["city"] if line["code"] == BAODING)
    assert baoding["facts"]["reports"]["on_time"] == 1
