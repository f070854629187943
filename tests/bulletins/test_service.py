"""Remarks, publishing, mails: on both engines, by the people who may and by those who may not."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests.bulletins.conftest import CLOSED, Region
from webapp.audit.models import AuditEvent
from webapp.bulletins import queries, service
from webapp.bulletins.models import BulletinDraft, BulletinIssue
from webapp.clock import parse_instant
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.mail.models import MailRefusal, OutboxMail
from webapp.reports.rules import digest

LATER = CLOSED + timedelta(days=20)


def test_before_the_due_date_is_over_nothing_can_be_said(region: Region) -> None:
    with pytest.raises(Conflict, match="2017年10月9日"):
        region.prepared(now=parse_instant("2017-10-09T23:00"))
    assert region.prepared(now=parse_instant("2017-10-10T00:01"))


def test_a_period_without_reports_or_outside_the_plan(region: Region) -> None:
    with pytest.raises(Conflict, match="没有全部生成"):
        region.prepared(code="2017-10")
    with pytest.raises(NotFound):
        region.prepared(code="2017-08")
    with pytest.raises(NotFound):
        region.prepared(code="2017-Q3")


def test_figures_are_those_of_the_frozen_revisions(region: Region) -> None:
    content = region.prepared().content
    states = {each["code"]: each["reports"][0] for each in content["organisations"]}
    assert {code: (each["state"], each["timeliness"], each["days_late"]) for code, each in states.items()} == {
        "north": ("missing", "missing", 0), "baoding": ("accepted", "on_time", 0), "cangzhou": ("submitted", "late", 2),
    }  # fmt: skip
    assert content["totals"]["areas"]["counted"] == 2
    assert content["as_of"] == "2017-10-11T15:00:00+08:00"
    assert content["issuer"]["code"] == "region"


def test_the_draft_is_the_same_on_another_day(region: Region) -> None:
    assert region.prepared().sha256 == region.prepared(now=LATER).sha256


# --- remarks


def test_remarks_are_kept_with_who_and_when_and_changed_by_version(region: Region) -> None:
    assert region.remark("region", " 一要\r\n二要 ", 0) == 1
    assert region.remark("minister", "一要\n三要", 1, en="First") == 2
    assert region.remark("minister", "一要\n三要", 0, en="First") == 2, "what stands there already changes nothing"
    assert region.prepared().content["remarks"] == {"zh": "一要\n三要", "en": "First"}
    with region.db.reading() as session:
        [row] = session.scalars(select(BulletinDraft)).all()
        done = session.scalars(select(AuditEvent.action).where(AuditEvent.action.startswith("bulletin."))).all()
    assert (row.updated_by_label, row.version, done) == ("minister某", 2, ["bulletin.remarks"] * 2)


@pytest.mark.parametrize("version", [0, 2, 7])
def test_who_comes_second_sees_what_the_first_one_saved(region: Region, version: int) -> None:
    region.remark("region", "先保存的", 0)
    with pytest.raises(service.RemarksStale) as caught:
        region.remark("minister", "后保存的", version)
    assert caught.value.theirs.remarks_zh == "先保存的"
    assert region.prepared().content["remarks"]["zh"] == "先保存的"


@pytest.mark.parametrize("who", ["north", "baoding", "admin", "reader", "turncoat"])
def test_nobody_else_writes_or_publishes(region: Region, who: str) -> None:
    with pytest.raises(Forbidden):
        region.remark(who, "无权", 0)
    with pytest.raises(Forbidden):
        region.publish(who)


@pytest.mark.parametrize("words", ["x" * 4001, "a\x00b", "a\x1bb", "\ufffe"])
def test_hostile_remarks_are_refused(region: Region, words: str) -> None:
    with pytest.raises(Invalid):
        region.remark("region", words, 0)


# --- publishing


def test_publishing_copies_the_content_and_numbers_it(region: Region) -> None:
    region.remark("region", "一要", 0)
    issue = region.publish()
    assert issue.sha256 == digest(issue.content)
    assert issue.content["issue"] == {
        "issue": 1, "year": 2017, "number": 1, "published_at": "2017-10-13T09:00:00+08:00", "published_by": "region某",
    }  # fmt: skip
    assert issue.content["remarks"]["zh"] == "一要"
    with region.db.reading() as session:
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "bulletin.publish")).all()
    assert (event.area, event.facts["number"], event.facts["period"]) == ("region/", "2017-1", "2017-09")


def test_the_same_is_not_published_twice(region: Region) -> None:
    region.publish()
    with pytest.raises(Conflict, match="无需再次印发"):
        region.publish(now=LATER)
    assert len(region.issues()) == 1


def test_what_changed_since_it_was_seen_is_not_published(region: Region) -> None:
    shown = region.prepared()
    region.decide("north", "accept", "cangzhou", now="2017-10-13T08:00")
    with pytest.raises(Stale):
        region.publish(seen=shown.sha256)
    region.remark("region", "新的要求", 0)
    with pytest.raises(Stale):
        region.publish(version=0)
    assert not region.issues()


def test_a_published_issue_stays_as_it_is_and_a_correction_makes_a_further_one(region: Region) -> None:
    first = region.publish()
    frozen = dict(first.content)
    region.correct("baoding", "重复统计", now="2017-10-16T10:00")
    assert region.prepared(now=LATER).sha256 != first.sha256
    region.submit("baoding", now="2017-10-16T11:00")
    region.decide("north", "accept", now="2017-10-17T09:00")
    second = region.publish(now=LATER)
    assert (second.issue, second.content["issue"]["number"]) == (2, 2)
    assert second.content["amends"] == {
        "issue": 1, "year": 2017, "number": 1, "published_at": "2017-10-13T09:00:00+08:00", "sha256": first.sha256,
        "changed": [{"code": "baoding", "month": "2017-09", "from": 1, "to": 2}],
    }  # fmt: skip
    assert [each["reason"] for each in second.content["corrections"]] == ["重复统计"]
    stored = region.issues()
    assert stored[0].content == frozen
    assert digest(stored[0].content) == stored[0].sha256 == first.sha256


@pytest.mark.parametrize("statement", ["UPDATE bulletin_issue SET sha256 = 'x'", "DELETE FROM bulletin_issue"])
def test_the_database_refuses_to_change_an_issue(region: Region, statement: str) -> None:
    region.publish()
    with pytest.raises(DBAPIError, match="append-only"), region.db.transaction() as session:
        session.execute(text(statement))


def test_a_correction_under_way_leaves_the_accepted_figures(region: Region) -> None:
    before = region.prepared().content
    region.correct("baoding", "重复统计", now="2017-10-13T10:00")
    after = region.prepared(now=LATER).content
    assert after == before


def test_the_list_knows_what_changed_after_publishing(region: Region) -> None:
    issue = region.publish()
    with region.db.reading() as session:
        assert max(queries.changed_at(session, region.world.plan).values()) < issue.published_at
    region.decide("north", "accept", "cangzhou", now="2017-10-14T08:00")
    with region.db.reading() as session:
        assert max(queries.changed_at(session, region.world.plan).values()) > issue.published_at


def test_upward_has_numbers_of_its_own_and_mails_nobody(region: Region) -> None:
    region.publish()
    with region.db.transaction() as session:
        plan = region.plan(session)
        plan.rules = plan.rules | {"reporting": plan.rules["reporting"] | {"last_month": "2017-09"}}
    shown = region.prepared(code="2017-Q3", kind="upward")
    with region.db.transaction() as session:
        issue = service.publish(
            session, region.plan(session), region.period(session, "2017-Q3", "upward"), seen=shown.sha256, version=0,
            actor=region.people["region"], now=LATER,
        )  # fmt: skip
        assert issue.content["issue"]["number"] == 1
        assert service.mails_of(session, issue) == 0


# --- mails


def mails(region: Region, issue: BulletinIssue) -> dict[str, OutboxMail]:
    with region.db.reading() as session:
        found = session.scalars(select(OutboxMail).where(OutboxMail.cause == f"bulletin-issue:{issue.id}"))
        return {mail.address.split("@")[0]: mail for mail in found}


def test_each_officer_and_coordinator_of_the_region_gets_one_mail(region: Region) -> None:
    with region.db.transaction() as session:
        refused = {"person_id": region.people["cangzhou"].id, "topic": "decisions", "since": CLOSED}
        session.add(MailRefusal(**refused))
    sent = mails(region, region.publish())
    # Not to who published, not to readers and administrators; to who holds two roles once.
    assert set(sent) == {
        "north", "south", "baoding", "cangzhou", "jinan", "colleague", "turncoat", "writer", "deputy", "minister",
    }  # fmt: skip
    assert {name for name, mail in sent.items() if mail.state == "withheld"} == {"cangzhou"}
    assert {mail.topic for mail in sent.values()} == {"decisions"}


def test_the_mails_words(region: Region) -> None:
    from webapp.bulletins.emails import RENDERERS

    region.remark("region", "一要<b>\n二要", 0, en="First")
    mail = mails(region, region.publish())["baoding"]
    words = RENDERERS[mail.template](mail.payload | {"base_url": "https://x.test"}, "zh")
    assert words.subject == "2017年9月工作进展调度情况通报（〔2017〕第1期）"
    assert "应报 3 份：按时 1，迟报 1，未报 1" in words.text
    assert "https://x.test/bulletins/2017-09/issues/1?plan=small" in words.text
    assert "一要<b>\n二要" in words.text
    assert "一要&lt;b&gt;" in words.html
