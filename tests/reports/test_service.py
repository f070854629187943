"""Opening, drafting, submitting and deciding on the monthly report, on the real plan and an invented one."""

import hashlib
from collections.abc import Callable
from datetime import date, time
from decimal import Decimal

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from tests.support.people import People, settle
from tests.support.plans import INVENTED, assignment, load_plan, person
from webapp.accounts.models import Person
from webapp.audit.models import AuditEvent
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.mail.models import OutboxMail
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Role
from webapp.progress.service import record_update
from webapp.reports import queries, rules, service
from webapp.reports.emails import RENDERERS
from webapp.reports.models import MonthlyReport, ReportRevision

SEPTEMBER = date(2017, 9, 1)
FILED, DECIDED = "2017-10-09T16:00", "2017-10-10T09:00"
TASK = "m04-boilers-all"


@pytest.fixture
def plan(september: Database) -> Database:
    """The 2017 plan with September's reports open and the standing characters."""
    with september.transaction() as session:
        settle(session)
    return september


def open_month(db: Database, month: date, now: str) -> int:
    with db.transaction() as session:
        return service.open_reports(session, month=month, now=parse_instant(now))


def found(session: Session, code: str, month: date = SEPTEMBER) -> MonthlyReport:
    """A report as somebody of the region would load it."""
    query = (
        select(MonthlyReport.id)
        .join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        .where(Organisation.code == code, MonthlyReport.month == month)
    )
    return queries.get_report(session, session.scalars(query).one(), person(session, code))


Cast = dict[str, Callable[[Session], Actor]]
CAST: Cast = {
    "officer": lambda session: person(session, "130600", person_id=1),
    "colleague": lambda session: person(session, "130600", person_id=2),
    "stranger": lambda session: person(session, "370100", person_id=3),
    "coordinator": lambda session: person(session, "130000", Role.COORDINATOR, person_id=4),
    "overseer": lambda session: person(session, "jjj", Role.COORDINATOR, person_id=5),
    "reader": lambda session: person(session, "130000", Role.READER, person_id=6),
}


def submit(db: Database, who: str = "officer", now: str = FILED, *, seen: str | None = None, version: int = 0) -> str:
    """Somebody submits Baoding's report; the receipt."""
    with db.transaction() as session:
        row = found(session, "130600")
        revision = service.submit(
            session, row, actor=CAST[who](session), now=parse_instant(now), version=version or row.version, seen=seen,
            confirm_check=True,
        )  # fmt: skip
        return revision.receipt


def decide(
    db: Database, decision: str, who: str = "coordinator", reason: str = "", version: int = 0, now: str = DECIDED
) -> None:
    """Somebody decides on Baoding's report."""
    with db.transaction() as session:
        row = found(session, "130600")
        service.decide(
            session, row, actor=CAST[who](session), now=parse_instant(now), decision=decision,  # type: ignore[arg-type]
            version=version or row.version, reason=reason,
        )  # fmt: skip


def progress(db: Database, when: str, as_of: str, share: str, **words: str) -> None:
    """Baoding states how much of its boilers is gone."""
    with db.transaction() as session:
        row = assignment(session, TASK, "130600")
        record_update(
            session, row, actor=CAST["officer"](session), now=parse_instant(when), kind="progress",
            as_of=date.fromisoformat(as_of), version=row.version, quantity=Decimal(share), **words,  # type: ignore[arg-type]
        )  # fmt: skip


def line(lines: list[dict[str, object]], task: str = TASK) -> dict[str, object]:
    return next(each for each in lines if each["task"] == task)


# --- opening


def test_a_row_for_each_reporter_with_explained_dates(both: Database) -> None:
    with both.reading() as session:
        rows = list(session.scalars(select(MonthlyReport)))
        kinds = {each.id: each.kind for each in session.scalars(select(Organisation))}
        assert len(rows) == 50
        for row in rows:
            assert (row.nominal_due, row.due, row.cutoff) == (date(2017, 10, 8), date(2017, 10, 9), date(2017, 9, 30))
            assert "国庆节" in row.due_explained_zh
            assert "9 October" in row.due_explained_en
            own = kinds[row.organisation_id] == "city"
            # Three working days before 9 October still lie in September: noon of the legal date instead.
            assert (row.internal_due, row.internal_due_at) == ((date(2017, 10, 9), time(12)) if own else (None, None))


def test_opening_again_adds_nothing(plan: Database) -> None:
    assert open_month(plan, date(2017, 9, 15), "2017-10-02T00:20") == 0
    assert open_month(plan, date(2017, 1, 1), "2017-10-02T00:20") == 0
    assert open_month(plan, date(2018, 4, 1), "2018-05-01T00:20") == 0


def test_another_plan_reports_on_another_day(db: Database) -> None:
    load_plan(db, INVENTED, parse_instant("2019-01-15T09:00"))
    assert open_month(db, date(2019, 2, 1), "2019-03-01T00:20") == 7
    with db.reading() as session:
        towns = found(session, "stonebridge", date(2019, 2, 1))
        assert (towns.due, towns.internal_due) == (date(2019, 3, 5), date(2019, 3, 1))
        assert found(session, "upper-shore", date(2019, 2, 1)).internal_due is None


# --- the draft


def test_figures_are_counted_as_of_the_cut_off(both: Database) -> None:
    progress(both, "2017-08-20T10:00", "2017-08-20", "0.4")
    progress(both, "2017-10-03T10:00", "2017-09-30", "0.7", problem="资金未到位", next_step="10月15日前拨付")
    progress(both, "2017-10-06T10:00", "2017-10-06", "0.8")
    with both.reading() as session:
        drafted = service.draft(session, found(session, "130600"), now=parse_instant(FILED))
    boilers = line(drafted.lines)
    assert (boilers["last"], boilers["this"], boilers["cumulative"]) == ("0.4", "0.3", "0.7")
    assert (boilers["problem"], boilers["next_step"]) == ("资金未到位", "10月15日前拨付")
    assert boilers["silent_months"] == 0
    assert all(each["kind"] != "seasonal_cap" for each in drafted.lines), "the heating season has not begun"
    assert drafted.counts["lines"] == len(drafted.lines)


def test_last_months_figure_is_the_one_that_was_reported(plan: Database) -> None:
    progress(plan, "2017-09-20T10:00", "2017-09-20", "0.5")
    submit(plan)
    progress(plan, "2017-10-12T10:00", "2017-10-12", "0.45", reason="重复统计")
    open_month(plan, date(2017, 10, 1), "2017-11-01T00:20")
    with plan.reading() as session:
        october = found(session, "130600", date(2017, 10, 1))
        boilers = line(service.draft(session, october, now=parse_instant("2017-11-02T09:00")).lines)
    assert (boilers["last"], boilers["this"], boilers["cumulative"]) == ("0.5", "-0.05", "0.45")


# --- submitting


def test_the_copy_is_frozen_and_its_hash_checks(both: Database) -> None:
    progress(both, "2017-09-20T10:00", "2017-09-20", "0.5")
    assert submit(both) == "JJJ2017-130600-201709-1"
    progress(both, "2017-10-10T10:00", "2017-10-10", "0.9")
    with both.reading() as session:
        row = found(session, "130600")
        revision = queries.get_revision(session, row.id, 1)
        assert (row.status, row.days_late, revision.days_late) == ("submitted", 0, 0)
        assert line(revision.content["lines"])["cumulative"] == "0.5"
        # As the database gives it back, on either engine, it is byte for byte what was hashed.
        assert hashlib.sha256(rules.canonical(revision.content).encode()).hexdigest() == revision.sha256
        assert revision.content["first_submitted_at"] == "2017-10-09T16:00:00+08:00"


def test_the_database_refuses_to_change_a_revision(both: Database) -> None:
    submit(both)
    with pytest.raises(DBAPIError), both.transaction() as session:
        session.scalars(select(ReportRevision)).one().days_late = 3


def test_lateness_is_fixed_by_the_first_submission(both: Database) -> None:
    submit(both, now="2017-10-11T09:00")
    decide(both, "return", reason="锅炉数据与台账不符", now="2017-10-12T09:00")
    assert submit(both, now="2017-10-16T09:00") == "JJJ2017-130600-201709-2"
    with both.reading() as session:
        row = found(session, "130600")
        assert (row.days_late, row.first_submitted_at) == (2, parse_instant("2017-10-11T09:00"))
        first, second = queries.revisions(session, row.id)
        assert (first.days_late, second.days_late) == (2, 2)
        assert second.content["first_submitted_at"] == "2017-10-11T09:00:00+08:00"


def test_figures_that_moved_since_the_check_are_not_sent(plan: Database) -> None:
    with plan.reading() as session:
        row = found(session, "130600")
        seen = service.fingerprint(row, service.draft(session, row, now=parse_instant(FILED)))
    progress(plan, "2017-10-09T15:00", "2017-09-30", "0.6")
    with pytest.raises(Conflict):
        submit(plan, seen=seen)


def test_a_month_that_runs_cannot_be_sent(plan: Database) -> None:
    with pytest.raises(Conflict):
        submit(plan, now="2017-09-30T18:00")


@pytest.mark.parametrize("who", ["stranger", "coordinator", "overseer", "reader"])
def test_only_the_organisation_itself_files(plan: Database, who: str) -> None:
    with pytest.raises(Forbidden):
        submit(plan, who)


def test_a_stale_version_and_a_second_submission_are_refused(plan: Database) -> None:
    with pytest.raises(Stale):
        submit(plan, version=7)
    submit(plan)
    with pytest.raises(Conflict):
        submit(plan, "colleague")


def test_the_remark_is_kept_until_submission(plan: Database) -> None:
    def save(remark: str, version: int = 0, who: str = "officer") -> int:
        with plan.transaction() as session:
            row = found(session, "130600")
            service.save_remark(
                session, row, actor=CAST[who](session), now=parse_instant(FILED), remark=remark, problems=" 无 ",
                version=version or row.version,
            )  # fmt: skip
            return row.version

    assert save("首行\r\n次行") == 2
    assert save("首行\n次行") == 2, "nothing changed, so nothing was written"
    with pytest.raises(Stale):
        save("别的", version=1)
    with pytest.raises(Invalid):
        save("长" * 4001)
    with pytest.raises(Forbidden):
        save("代填", who="coordinator")
    submit(plan)
    with plan.reading() as session:
        content = queries.get_revision(session, found(session, "130600").id, 1).content
        assert (content["remark"], content["problems"]) == ("首行\n次行", "无")
    with pytest.raises(Conflict):
        save("太晚")


# --- deciding


def test_acceptance_closes_the_report_and_tells_the_filer(plan: Database) -> None:
    with plan.reading() as session:
        people = settle_again(session)
    submit_as(plan, people)
    decide(plan, "accept")
    with plan.reading() as session:
        assert found(session, "130600").status == "accepted"
        mail = session.scalars(select(OutboxMail)).one()
        assert (mail.template, mail.person_id) == ("report_accepted", people.officer.id)
        written = RENDERERS[mail.template]({**mail.payload, "base_url": "http://127.0.0.1"}, "zh")
        assert "审核通过" in written.subject
        assert "JJJ2017-130600-201709-1" in written.text
        assert "http://127.0.0.1/reports/" in written.html
        actions = set(session.scalars(select(AuditEvent.action)))
        assert {"report.open", "report.submit", "report.accept"} <= actions
    with pytest.raises(Conflict):
        decide(plan, "return", reason="又想退回")


def settle_again(session: Session) -> People:
    """The characters that the fixture added."""
    by_mail = {each.email.split("@")[0]: each for each in session.scalars(select(Person))}
    return People(**{name: by_mail[name] for name in People.__dataclass_fields__})


def submit_as(db: Database, people: People) -> None:
    """The officer with an address submits."""
    with db.transaction() as session:
        row = found(session, "130600")
        actor = person(session, "130600", person_id=people.officer.id)
        service.submit(session, row, actor=actor, now=parse_instant(FILED), version=row.version, confirm_check=True)


def test_a_return_needs_a_reason_and_is_mailed_with_it(plan: Database) -> None:
    with plan.reading() as session:
        people = settle_again(session)
    submit_as(plan, people)
    with pytest.raises(Invalid):
        decide(plan, "return", reason="  ")
    decide(plan, "return", reason="锅炉数据与台账不符")
    with plan.reading() as session:
        assert found(session, "130600").status == "returned"
        mail = session.scalars(select(OutboxMail)).one()
        for locale in ("zh", "en"):
            assert "锅炉数据与台账不符" in RENDERERS[mail.template]({**mail.payload, "base_url": ""}, locale).html


@pytest.mark.parametrize("who", ["officer", "colleague", "stranger", "overseer", "reader"])
def test_only_the_level_right_above_decides(plan: Database, who: str) -> None:
    submit(plan)
    with pytest.raises(Forbidden):
        decide(plan, "accept", who)


def test_nobody_decides_on_their_own_submission(plan: Database) -> None:
    with plan.transaction() as session:
        row = found(session, "130600")
        both = Actor(9, "兼任", "zh", (*CAST["officer"](session).grants, *CAST["coordinator"](session).grants))
        service.submit(session, row, actor=both, now=parse_instant(FILED), version=row.version, confirm_check=True)
    with plan.transaction() as session:
        row = found(session, "130600")
        version = row.version
        with pytest.raises(Forbidden):
            service.decide(session, row, actor=both, now=parse_instant(DECIDED), decision="accept", version=version)


def test_a_stale_decision_is_refused(plan: Database) -> None:
    submit(plan)
    with pytest.raises(Stale):
        decide(plan, "accept", version=1)


# --- lists


def test_lists_keep_to_the_area(plan: Database) -> None:
    submit(plan)
    with plan.reading() as session:
        row = found(session, "130600")
        cast = {name: make(session) for name, make in CAST.items()}
        with pytest.raises(NotFound):
            queries.get_report(session, row.id, cast["stranger"])
        codes = {each.organisation_code
                 for each in queries.month_rows(session, row.plan_id, SEPTEMBER, cast["coordinator"])}  # fmt: skip
        assert {"130000", "130600"} <= codes
        assert all(code.startswith("13") for code in codes)
        assert [each.organisation_code for each in queries.own_rows(session, row.plan_id, cast["officer"])] == [
            "130600"
        ]
        waiting = {name: queries.waiting_count(session, row.plan_id, actor) for name, actor in cast.items()}
        assert {name for name, count in waiting.items() if count} == {"coordinator"}
        assert queries.months(session, row.plan_id, cast["reader"]) == [SEPTEMBER]
