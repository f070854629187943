"""Returns line by line, corrections of what was accepted, and the mails about both."""

import json

import pytest
from sqlalchemy import select

from tests.support.small_reports import Desk, line_of
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid
from webapp.mail.models import OutboxMail
from webapp.reports import queries, rules, service
from webapp.reports.emails import RENDERERS
from webapp.reports.models import MonthlyReport, ReportRevision


@pytest.fixture
def desk(db: Database) -> Desk:
    """The small world on each engine, Baoding's report submitted by its officer."""
    made = Desk(db)
    made.submit("baoding")
    return made


@pytest.fixture
def lite(sqlite_db: Database) -> Desk:
    """The same on SQLite."""
    made = Desk(sqlite_db)
    made.submit("baoding")
    return made


def row(desk: Desk) -> MonthlyReport:
    with desk.db.reading() as session:
        return desk.report(session, "baoding")


def revisions(desk: Desk) -> list[ReportRevision]:
    with desk.db.reading() as session:
        return queries.revisions(session, desk.report(session, "baoding").id)


def pointed(desk: Desk, reason: str) -> list[dict[str, object]]:
    with desk.db.reading() as session:
        return [{"assignment": line_of(session, desk.report(session, "baoding")), "reason": reason}]


# --- line by line


def test_a_return_points_at_lines_and_says_so_in_the_mail(desk: Desk) -> None:
    lines = pointed(desk, " 与台账不符 ")
    assert desk.decide("north", "return", lines=lines, now="2017-10-13T09:00") == 4, "working days from Monday on"
    with desk.db.reading() as session:
        report = desk.report(session, "baoding")
        (decision,) = queries.decisions(session, report.id)
        assert (decision.reason, decision.lines) == ("", [{**lines[0], "reason": "与台账不符"}])
        assert decision.waited_days == 4
        (mail,) = session.scalars(select(OutboxMail))
        for locale, title in (("zh", "小燃煤锅炉淘汰"), ("en", "Retire small boilers")):
            written = RENDERERS[mail.template]({**mail.payload, "base_url": ""}, locale)
            assert title in written.text
            assert "与台账不符" in written.html
    assert report.status == "returned"
    assert report.checked_by is None, "whoever checked has to look again"


def test_a_return_needs_a_reason_of_the_whole_or_of_every_line(lite: Desk) -> None:
    good, empty = pointed(lite, "有误"), pointed(lite, "  ")
    for more, field in (
        ({}, "reason"),
        ({"lines": empty}, f"line-{empty[0]['assignment']}"),
        ({"lines": [{"assignment": 4711, "reason": "不存在"}]}, "lines"),
        ({"reason": "长" * 4001}, "reason"),
    ):
        with pytest.raises(Invalid) as caught:
            lite.decide("north", "return", **more)
        assert [each.field for each in caught.value.problems] == [field]
    with pytest.raises(Invalid):
        lite.decide("north", "accept", lines=good)
    assert row(lite).status == "submitted"


def test_everybody_who_stands_for_a_report_is_told_once(sqlite_db: Database) -> None:
    desk = Desk(sqlite_db)
    desk.note("writer", "填写")
    desk.check("colleague")
    desk.submit("baoding", confirm_check=False)
    desk.decide("north", "accept")
    with desk.db.reading() as session:
        told = [mail.address for mail in session.scalars(select(OutboxMail))]
    assert sorted(told) == ["baoding@example.test", "colleague@example.test", "writer@example.test"]


# --- corrections


def test_a_correction_is_a_new_revision_and_the_accepted_one_stays(desk: Desk) -> None:
    desk.decide("north", "accept")
    assert row(desk).accepted_revision == 1
    kept = rules.canonical(revisions(desk)[0].content)
    with pytest.raises(Invalid):
        desk.correct("baoding", " ")
    desk.correct("colleague", "重复统计，予以核减")
    report = row(desk)
    assert (report.status, report.accepted_revision, report.correction_reason) == ("open", 1, "重复统计，予以核减")
    assert service.is_correcting(report)
    desk.note("colleague", "核减后重报", now="2017-11-01T11:00")
    desk.submit("colleague", now="2017-11-02T10:00")
    assert row(desk).accepted_revision == 1, "counts until the new one is accepted"
    desk.decide("north", "accept", now="2017-11-03T10:00")
    report = row(desk)
    assert (report.status, report.accepted_revision, report.correction_reason) == ("accepted", 2, "")
    first, second = revisions(desk)
    assert rules.canonical(first.content) == kept
    assert (first.correction_reason, second.correction_reason) == ("", "重复统计，予以核减")
    assert (first.content["corrects"], second.content["corrects"]) == (None, 1)
    assert second.content["correction_reason"] == "重复统计，予以核减"
    assert (report.days_late, second.days_late) == (0, 0), "corrections neither wash nor cause lateness"
    with desk.db.reading() as session:
        *_, mail = session.scalars(select(OutboxMail).order_by(OutboxMail.id))
        assert "更正后的内容" in RENDERERS[mail.template]({**mail.payload, "base_url": ""}, "zh").text


def test_a_correction_may_be_returned_and_given_up(lite: Desk) -> None:
    lite.decide("north", "accept")
    lite.correct("baoding", "数据有误")
    lite.submit("baoding", now="2017-11-01T15:00")
    with pytest.raises(Conflict):
        lite.drop("baoding")
    lite.decide("north", "return", reason="依据不足", now="2017-11-02T09:00")
    assert (row(lite).status, row(lite).correction_reason) == ("returned", "数据有误")
    lite.drop("baoding")
    report = row(lite)
    assert (report.status, report.accepted_revision, report.revision) == ("accepted", 1, 2)
    assert report.correction_reason == ""
    assert queries.standing_revision(report) == 1
    with lite.db.reading() as session:
        (listed,) = queries.own_rows(session, lite.world.plan, lite.people["baoding"])
        assert listed.receipt.endswith("-1"), "lists show the revision that stands"
    lite.correct("baoding", "补充依据", now="2017-11-03T10:00")
    lite.submit("baoding", now="2017-11-03T11:00")
    assert [each.revision for each in revisions(lite)] == [1, 2, 3]


def test_only_the_organisation_corrects_and_only_what_was_accepted(lite: Desk) -> None:
    with pytest.raises(Conflict):
        lite.correct("baoding", "尚未审核")
    with pytest.raises(Conflict):
        lite.drop("baoding")
    lite.decide("north", "accept")
    for who in ("cangzhou", "north", "region", "admin"):
        with pytest.raises(Forbidden):
            lite.correct(who, "代为更正")
    lite.correct("baoding", "更正")
    with pytest.raises(Forbidden):
        lite.drop("north")


def test_an_open_report_that_was_never_accepted_cannot_be_given_up(sqlite_db: Database) -> None:
    with pytest.raises(Conflict):
        Desk(sqlite_db).drop("baoding")


# --- the first format


def test_a_content_of_the_first_format_is_still_read(lite: Desk) -> None:
    """A province's report quotes, and the standing counts, what was frozen in the first format."""
    (row_now,) = revisions(lite)
    old = {name: value for name, value in row_now.content.items() if name in FIRST_FORMAT}
    old["format"] = "lantian-report-1"
    copied = json.loads(json.dumps(old))
    with lite.db.transaction() as session:
        report = lite.report(session, "cangzhou")
        report.status, report.revision, report.accepted_revision = "accepted", 1, 1
        report.first_submitted_at, report.days_late = lite.at("2017-10-09T09:00"), 0
        session.add(
            ReportRevision(
                report_id=report.id, revision=1, content=copied, sha256=rules.digest(copied), receipt="OLD-1",
                submitted_by=1, submitted_by_label="旧", submitted_at=lite.at("2017-10-09T09:00"), days_late=0,
            )
        )  # fmt: skip
    lite.submit("north", "north")
    with lite.db.reading() as session:
        counts = {
            each.organisation_code: (each.lines, each.silent)
            for each in queries.standing_rows(session, lite.world.plan, lite.people["north"])
        }
    assert counts["cangzhou"] == (1, 1)


FIRST_FORMAT = (
    "format", "receipt", "revision", "plan", "organisation", "month", "cutoff", "due", "nominal_due", "internal_due",
    "submitted_at", "submitted_by", "first_submitted_at", "days_late", "remark", "problems", "counts", "lines",
)  # fmt: skip
