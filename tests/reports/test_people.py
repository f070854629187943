"""Filler, checker and signatory: notes that save themselves, checks that lapse, submission by whoever may sign."""

from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from tests.support import small_plan
from tests.support.small_reports import Desk, line_of
from webapp.audit.models import AuditEvent
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, NotFound
from webapp.plans.queries import get_assignment
from webapp.progress.service import record_update
from webapp.reports import queries, service
from webapp.reports.models import MonthlyReport, ReportNote
from webapp.reports.noting import NoteStale


@pytest.fixture
def desk(db: Database) -> Desk:
    """The small world on each engine."""
    return Desk(db)


@pytest.fixture
def lite(sqlite_db: Database) -> Desk:
    """The small world on SQLite."""
    return Desk(sqlite_db)


def row(desk: Desk, code: str = "baoding") -> MonthlyReport:
    with desk.db.reading() as session:
        return desk.report(session, code)


# --- notes


def test_a_note_has_a_version_of_its_own_and_names_the_filler(desk: Desk) -> None:
    before = row(desk)
    assert desk.note("baoding", " 资金\r\n未到位 ", next_step="月底前拨付") == 1
    assert desk.note("colleague", "资金已到位", version=1) == 2
    after = row(desk)
    assert after.version == before.version, "a form for the whole report is not stale for a note on one line"
    assert (after.filled_by, after.filled_by_label) == (desk.people["colleague"].id, "colleague某")
    with desk.db.reading() as session:
        (note,) = session.scalars(select(ReportNote))
        assert (note.problem, note.next_step, note.version) == ("资金已到位", "", 2)
        assert note.updated_by_label == "colleague某"
        (line,) = service.draft(session, desk.report(session, "baoding"), now=desk.at("2017-10-02T09:00")).lines
        assert line["problem"] == "资金已到位"


def test_who_saves_second_is_shown_both_texts(desk: Desk) -> None:
    desk.note("baoding", "甲的文字")
    for version in (0, 7):
        with pytest.raises(NoteStale) as caught:
            desk.note("colleague", "乙的文字", version=version)
        assert (caught.value.theirs.problem, caught.value.theirs.version) == ("甲的文字", 1)
        assert "baoding某" in str(caught.value)
    assert desk.note("colleague", "甲的文字", version=0) == 1, "the same text is no quarrel"


def test_nothing_is_kept_of_an_empty_note(lite: Desk) -> None:
    assert lite.note("baoding", "  ") == 0
    with lite.db.reading() as session:
        assert session.scalars(select(ReportNote)).all() == []
        assert lite.report(session, "baoding").filled_by is None


@pytest.mark.parametrize("who", ["cangzhou", "north", "region", "admin", "reader"])
def test_only_the_organisations_own_people_write(lite: Desk, who: str) -> None:
    with pytest.raises(Forbidden):
        lite.note(who, "代填")


def test_a_note_belongs_to_a_line_of_the_report_while_it_is_written(lite: Desk) -> None:
    texts = {"problem": "串行", "next_step": "", "reason": ""}
    with lite.db.transaction() as session:
        theirs = line_of(session, lite.report(session, "cangzhou"))
        with pytest.raises(NotFound):
            service.save_note(
                session, lite.report(session, "baoding"), theirs, **texts, version=0, actor=lite.people["baoding"],
                now=lite.at("2017-10-02T09:00"),
            )  # fmt: skip
    with pytest.raises(Invalid):
        lite.note("baoding", "长" * 4001)
    lite.submit("baoding")
    with pytest.raises(Conflict):
        lite.note("baoding", "太晚")


# --- checks


def test_a_check_holds_until_a_text_or_a_figure_changes(desk: Desk) -> None:
    desk.check("colleague")
    assert row(desk).checked_by == desk.people["colleague"].id
    desk.note("baoding", "又改了一处")
    assert row(desk).checked_by is None
    with pytest.raises(Conflict, match="尚未经本单位审核人确认"):
        desk.submit("baoding", confirm_check=False)
    desk.check("colleague", now="2017-10-02T11:00")
    state(desk, 3)
    with pytest.raises(Conflict, match="请审核人重新确认"):
        desk.submit("baoding", confirm_check=False)
    desk.check("colleague", now="2017-10-02T15:00")
    desk.submit("baoding", confirm_check=False)
    with desk.db.reading() as session:
        people = queries.revisions(session, row(desk).id)[0].content["people"]
    assert people == {
        "filler": {"name": "baoding某", "name_en": "Baoding", "phone": ""},
        "checker": {"name": "colleague某", "name_en": "Colleague", "phone": "0312-1"},
        "signatory": {"name": "baoding某", "name_en": "Baoding", "phone": ""},
    }


def state(desk: Desk, done: int) -> None:
    """A figure for September comes in."""
    with desk.db.transaction() as session:
        officer = desk.people["baoding"]
        assignment = get_assignment(session, line_of(session, desk.report(session, "baoding")), officer)
        record_update(
            session, assignment, actor=officer, now=desk.at("2017-10-02T14:00"), kind="progress",
            as_of=date(2017, 9, 30), quantity=Decimal(done), version=assignment.version,
        )  # fmt: skip


def test_what_was_not_looked_at_is_not_confirmed(lite: Desk) -> None:
    with lite.db.transaction() as session:
        report = lite.report(session, "baoding")
        with pytest.raises(Conflict):
            service.check(
                session, report, actor=lite.people["baoding"], now=lite.at("2017-10-02T09:00"),
                version=report.version, seen="0" * 64,
            )  # fmt: skip
    with pytest.raises(Conflict, match="月末之后"):
        lite.check("baoding", now="2017-09-29T10:00")
    with pytest.raises(Forbidden):
        lite.check("writer")
    with pytest.raises(Forbidden):
        lite.check("north")


def test_a_check_can_be_taken_back(lite: Desk) -> None:
    lite.check("colleague")
    for _ in range(2):
        with lite.db.transaction() as session:
            report = lite.report(session, "baoding")
            service.uncheck(
                session, report, actor=lite.people["turncoat"], now=lite.at("2017-10-02T11:00"), version=report.version
            )
    assert row(lite).checked_by is None
    with lite.db.reading() as session:
        acts = [each for each in session.scalars(select(AuditEvent.action)) if each.startswith("report.")]
    assert acts.count("report.uncheck") == 1


# --- signing


def test_who_may_only_write_neither_checks_nor_signs(lite: Desk) -> None:
    lite.note("writer", "可以填写")
    with pytest.raises(Forbidden, match="签发人"):
        lite.submit("writer")
    lite.submit("colleague")
    with lite.db.reading() as session:
        people = queries.revisions(session, row(lite).id)[0].content["people"]
    assert [people[part]["name"] for part in ("filler", "checker", "signatory")] == [
        "writer某", "colleague某", "colleague某",
    ]  # fmt: skip


def test_who_files_is_listed_with_what_they_may_be(lite: Desk) -> None:
    with lite.db.reading() as session:
        found = queries.signatories(session, lite.world.places["baoding"], date(2017, 10, 2))
        gone = queries.signatories(session, lite.world.places["baoding"], date(2016, 12, 31))
    assert {each.name_zh: each.may_sign for each in found} == {
        "baoding某": True, "colleague某": True, "turncoat某": True, "writer某": False,
    }  # fmt: skip
    assert list(gone) == []


def test_a_light_report_needs_a_signature_alone(lite: Desk) -> None:
    with lite.db.transaction() as session:
        lite.report(session, "cangzhou").light = True
    lite.submit("cangzhou", "cangzhou", confirm_check=False)
    with lite.db.reading() as session:
        content = queries.revisions(session, row(lite, "cangzhou").id)[0].content
    assert content["light"] is True
    assert (content["people"]["filler"], content["people"]["checker"]) == (None, None)
    assert content["people"]["signatory"]["name"] == "cangzhou某"


# --- a province and its cities


def test_a_province_waits_or_names_who_is_missing(desk: Desk) -> None:
    desk.submit("baoding", now="2017-10-09T09:00")
    with pytest.raises(Invalid) as caught:
        desk.submit("north", "north")
    assert [each.field for each in caught.value.problems] == ["missing_reason"]
    desk.submit("north", "north", missing_reason="期限已到")
    with desk.db.reading() as session:
        content = queries.revisions(session, row(desk, "north").id)[0].content
    assert (content["missing"], content["missing_reason"]) == (["cangzhou"], "期限已到")
    states = {city["code"]: (city["state"], city["revision"], city["timeliness"]) for city in content["cities"]}
    assert states == {"baoding": ("submitted", 1, "on_time"), "cangzhou": ("open", None, "pending")}
    assert all(len(city["sha256"]) == 64 for city in content["cities"] if city["revision"])


def test_a_city_that_was_returned_is_missing_and_one_that_corrects_is_not(lite: Desk) -> None:
    lite.submit("baoding", now="2017-10-09T09:00")
    lite.decide("north", "accept", now="2017-10-09T09:30")
    lite.correct("baoding", "数据有误", now="2017-10-09T09:40")
    lite.submit("cangzhou", "cangzhou", now="2017-10-09T09:00")
    lite.decide("north", "return", "cangzhou", now="2017-10-09T09:30", reason="请核实")
    with pytest.raises(Invalid):
        lite.submit("north", "north")
    lite.submit("cangzhou", "cangzhou", now="2017-10-09T09:50")
    lite.submit("north", "north")
    with lite.db.reading() as session:
        content = queries.revisions(session, row(lite, "north").id)[0].content
    assert (content["missing"], content["missing_reason"]) == ([], "")
    assert {city["code"]: city["revision"] for city in content["cities"]} == {"baoding": 1, "cangzhou": 2}


# --- over the months


def test_timeliness_and_completeness_come_from_the_first_submission(desk: Desk) -> None:
    desk.submit("baoding", now="2017-10-11T10:00")
    desk.decide("north", "return", now="2017-10-12T10:00", reason="请核实")
    state(desk, 4)
    desk.submit("baoding", now="2017-10-13T10:00")
    with desk.db.reading() as session:
        seen = queries.standing_rows(session, desk.world.plan, desk.people["north"])
        others = queries.standing_rows(session, desk.world.plan, desk.people["cangzhou"])
    assert {(each.organisation_code, each.lines, each.silent, each.days_late) for each in seen} == {
        ("baoding", 1, 1, 2), ("cangzhou", None, None, None), ("north", None, None, None),
    }  # fmt: skip
    assert [each.organisation_code for each in others] == ["cangzhou"]
    assert small_plan.PLACES.keys() >= {each.organisation_code for each in seen}


def test_last_accepted_is_the_newest_accepted_month_before(lite: Desk) -> None:
    lite.submit("baoding", now="2017-10-09T10:00")
    with lite.db.transaction() as session:
        service.open_reports(session, month=date(2017, 10, 1), now=parse_instant("2017-10-25T00:20"))
    october = select(MonthlyReport.id).where(
        MonthlyReport.month == date(2017, 10, 1), MonthlyReport.organisation_id == lite.world.places["baoding"]
    )
    with lite.db.reading() as session:
        found = queries.get_report(session, session.scalars(october).one(), lite.people["region"])
        assert queries.last_accepted(session, found) == {}, "submitted only"
    lite.decide("north", "accept")
    with lite.db.reading() as session:
        found = queries.get_report(session, session.scalars(october).one(), lite.people["region"])
        assert queries.last_accepted(session, found).keys() == {"boilers"}
        assert queries.last_accepted(session, lite.report(session, "baoding")) == {}, "not of its own month"
