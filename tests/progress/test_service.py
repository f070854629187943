"""The main loop's writer: what may be filed and decided, by whom, and what follows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.support.plans import assignment, person, plan_id
from webapp.accounts.models import Membership, Person
from webapp.audit.models import AuditEvent
from webapp.clock import local_date, parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, LantianError, NotFound, Stale
from webapp.mail.models import OutboxMail
from webapp.permissions import Role
from webapp.plans.models import Assignment
from webapp.plans.queries import due_dates
from webapp.progress.emails import RENDERERS
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.progress.planning import extend, file_nodes
from webapp.progress.queries import next_in_queue, review_count, review_queue, timeline
from webapp.progress.service import decide, record_update, relight

BOILERS, OPEN_TASK = "m04-boilers-all", "m06-limits-steel"
BAODING, HEBEI, HENAN, REGION = "130600", "130000", "410000", "jjj"
OFFICER_ID, COORDINATOR_ID = 7, 8
OCTOBER = parse_instant("2017-10-20T09:00")
NOVEMBER = parse_instant("2017-11-03T09:00")


@pytest.fixture
def session(loaded: Database) -> Iterator[Session]:
    with loaded.transaction() as opened:
        yield opened


def file(session: Session, task: str = BOILERS, code: str = BAODING, **given: Any) -> Assignment:
    """Record an update as the city's officer; the assignment afterwards."""
    actor = given.pop("actor", None) or person(session, code, person_id=OFFICER_ID)
    row = assignment(session, task, code, actor)
    now: datetime = given.setdefault("now", OCTOBER)
    fields = {"kind": "progress", "as_of": local_date(now), "version": row.version, **given}
    record_update(session, row, actor=actor, **fields)
    return row


def judge(session: Session, decision: Any, task: str = BOILERS, code: str = BAODING, **given: Any) -> Assignment:
    """Decide as the coordinator of Hebei; the assignment afterwards."""
    actor = given.pop("actor", None) or person(session, HEBEI, Role.COORDINATOR, COORDINATOR_ID)
    row = assignment(session, task, code, actor)
    fields = {"now": OCTOBER, "version": row.version, **given}
    decide(session, row, actor=actor, decision=decision, **fields)
    return row


GOOD = [
    pytest.param({"quantity": Decimal("0.4")}, "in_progress", Decimal("0.4"), id="a share"),
    pytest.param({"quantity": Decimal(0)}, "in_progress", Decimal(0), id="nothing yet"),
    pytest.param({"kind": "no_change"}, "in_progress", None, id="no change"),
    pytest.param({"kind": "claim", "quantity": Decimal(1)}, "claimed", Decimal(1), id="a claim"),
    pytest.param(
        {"quantity": Decimal("0.4"), "as_of": date(2017, 9, 30)}, "in_progress", Decimal("0.4"), id="past day"
    ),
]


@pytest.mark.parametrize(("given", "status", "claimed"), GOOD)
def test_good_updates_are_kept(session: Session, given: dict[str, Any], status: str, claimed: Decimal | None) -> None:
    row = file(session, **given)
    session.expire_all()
    row = assignment(session, BOILERS, BAODING)
    assert (row.status, row.claimed, row.last_update_at) == (status, claimed, OCTOBER)
    event = session.scalars(select(AuditEvent).where(AuditEvent.action.startswith("progress."))).one()
    assert (event.subject_id, event.area) == (row.id, "jjj/130000/130600/")


BAD = [
    pytest.param({"quantity": None}, "quantity", id="no figure"),
    pytest.param({"quantity": Decimal(-1)}, "quantity", id="negative"),
    pytest.param({"quantity": Decimal("1.2")}, "quantity", id="more than all"),
    pytest.param({"quantity": Decimal("NaN")}, "quantity", id="no number"),
    pytest.param({"quantity": Decimal("0.33333")}, "quantity", id="too precise"),
    pytest.param({"quantity": Decimal("0.5"), "as_of": date(2017, 10, 21)}, "as_of", id="tomorrow"),
    pytest.param({"quantity": Decimal("0.5"), "as_of": date(2017, 1, 1)}, "as_of", id="before the plan"),
    pytest.param({"quantity": Decimal("0.5"), "note": "长" * 2001}, "note", id="a novel"),
    pytest.param({"kind": "claim", "quantity": Decimal("0.9")}, "quantity", id="claim below target"),
    pytest.param({"kind": "claim"}, "quantity", id="claim without any figure"),
    pytest.param({"kind": "na_claim", "reason": "没有锅炉"}, "", id="named by the clause"),
    pytest.param({"quantity": Decimal("0.5"), "evidence": (99,)}, "evidence", id="a file of nobody"),
]


@pytest.mark.parametrize(("given", "field"), BAD)
def test_bad_updates_are_refused_in_words(session: Session, given: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        file(session, **given)
    assert field in [problem.field for problem in refused.value.problems]
    assert all(len(str(problem.message)) > 8 and "%(" not in str(problem.message) for problem in refused.value.problems)
    assert session.scalar(select(func.count(ProgressUpdate.id))) == 0
    assert assignment(session, BOILERS, BAODING).status == "not_started"


def test_a_figure_falls_only_with_a_reason(session: Session) -> None:
    file(session, quantity=Decimal("0.6"))
    with pytest.raises(Invalid, match="核减"):
        file(session, quantity=Decimal("0.5"))
    row = file(session, quantity=Decimal("0.5"), reason="核减重复统计的锅炉")
    assert row.claimed == Decimal("0.5")


def test_a_statement_does_not_speak_of_a_day_before_the_last_one(session: Session) -> None:
    file(session, quantity=Decimal("0.6"))
    with pytest.raises(Invalid, match="2017年10月20日"):
        file(session, quantity=Decimal("0.7"), as_of=date(2017, 10, 1))


def test_a_stale_form_is_refused(loaded: Database) -> None:
    with loaded.transaction() as session:
        before = assignment(session, BOILERS, BAODING).version
        file(session, quantity=Decimal("0.5"))
    with pytest.raises(Stale), loaded.transaction() as session:
        file(session, quantity=Decimal("0.6"), version=before)
    with loaded.reading() as session:
        assert assignment(session, BOILERS, BAODING).claimed == Decimal("0.5")


def test_a_passing_day_makes_no_form_stale(loaded: Database) -> None:
    with loaded.transaction() as session:
        before = assignment(session, BOILERS, BAODING).version
        assert relight(session, now=OCTOBER) > 0
        assert relight(session, now=OCTOBER) == 0
    with loaded.transaction() as session:
        file(session, quantity=Decimal("0.5"), version=before)


def test_claim_verify_done(session: Session) -> None:
    row = file(session, kind="claim", quantity=Decimal(1))
    assert (row.light_label, row.light) == ("awaiting", "green")
    row = judge(session, "verify")
    assert (row.status, row.light_label, row.verified, row.light_until) == ("verified", "done", Decimal(1), None)
    with pytest.raises(Conflict):
        judge(session, "verify")
    with pytest.raises(Conflict):
        file(session, quantity=Decimal(1))


def test_return_asks_for_a_reason_and_the_claim_can_be_made_again(session: Session) -> None:
    file(session, kind="claim", quantity=Decimal(1))
    with pytest.raises(Invalid) as refused:
        judge(session, "return")
    assert [problem.field for problem in refused.value.problems] == ["reason"]
    row = judge(session, "return", reason="照片不清")
    assert (row.status, row.claimed_at, row.first_done_at) == ("returned", None, OCTOBER)
    assert file(session, kind="claim").status == "claimed"


def test_late_stays_late(session: Session) -> None:
    row = file(session, kind="claim", quantity=Decimal(1), now=NOVEMBER)
    assert (row.light, row.light_label) == ("yellow", "awaiting")
    assert judge(session, "verify", now=NOVEMBER).light_label == "done_late"


def test_an_extension_does_not_mend_what_was_missed(session: Session) -> None:
    region = person(session, REGION, Role.COORDINATOR, 9)
    row = assignment(session, BOILERS, BAODING, region)
    extend(session, row, actor=region, now=NOVEMBER, due=date(2017, 11, 30), reason="供货延迟", version=row.version)
    assert (row.due, row.nominal_due) == (date(2017, 11, 30), date(2017, 10, 31))
    assert [each.due for each in due_dates(session, row.id)] == [date(2017, 10, 31), date(2017, 11, 30)]
    file(session, kind="claim", quantity=Decimal(1), now=NOVEMBER)
    assert judge(session, "verify", now=NOVEMBER).light_label == "done_late"


def test_an_extension_in_time_makes_later_in_time(session: Session) -> None:
    region = person(session, REGION, Role.COORDINATOR, 9)
    row = assignment(session, BOILERS, BAODING, region)
    extend(session, row, actor=region, now=OCTOBER, due=date(2017, 11, 30), reason="供货延迟", version=row.version)
    file(session, kind="claim", quantity=Decimal(1), now=NOVEMBER)
    assert judge(session, "verify", now=NOVEMBER).light_label == "done"


@pytest.mark.parametrize(
    ("due", "reason", "field"),
    [(date(2017, 10, 31), "因为", "due"), (date(2030, 1, 1), "因为", "due"), (date(2017, 11, 30), " ", "reason")],
)
def test_bad_extensions(session: Session, due: date, reason: str, field: str) -> None:
    region = person(session, REGION, Role.COORDINATOR, 9)
    row = assignment(session, BOILERS, BAODING, region)
    with pytest.raises(Invalid) as refused:
        extend(session, row, actor=region, now=OCTOBER, due=due, reason=reason, version=row.version)
    assert [problem.field for problem in refused.value.problems] == [field]


def test_a_province_never_moves_the_plans_date(session: Session) -> None:
    hebei = person(session, HEBEI, Role.COORDINATOR, COORDINATOR_ID)
    row = assignment(session, BOILERS, BAODING, hebei)
    with pytest.raises(Forbidden):
        extend(session, row, actor=hebei, now=OCTOBER, due=date(2017, 11, 30), reason="因为", version=row.version)


def test_withdrawal_opens_the_assignment_again(session: Session) -> None:
    file(session, kind="claim", quantity=Decimal(1))
    row = file(session, kind="withdraw")
    assert (row.status, row.claimed_at, row.claimed) == ("in_progress", None, Decimal(1))
    with pytest.raises(Conflict):
        judge(session, "verify")


def test_not_applicable_leaves_the_denominator_only_when_agreed(session: Session) -> None:
    with pytest.raises(Invalid):
        file(session, OPEN_TASK, kind="na_claim")
    row = file(session, OPEN_TASK, kind="na_claim", reason="本市没有钢铁企业", now=parse_instant("2017-09-20T09:00"))
    assert (row.status, row.light_label, row.not_applicable_from) == ("na_claimed", "awaiting", None)
    row = judge(session, "na_accept", OPEN_TASK)
    assert (row.status, row.not_applicable_from, row.light) == ("not_applicable", date(2017, 10, 20), "grey")
    row = judge(session, "reopen", OPEN_TASK, reason="复查发现企业")
    assert (row.status, row.not_applicable_from) == ("returned", None)


def test_not_applicable_can_be_refused(session: Session) -> None:
    file(session, OPEN_TASK, kind="na_claim", reason="没有")
    assert judge(session, "na_refuse", OPEN_TASK, reason="名录中有两家").status == "returned"


def test_nobody_verifies_an_own_claim(session: Session) -> None:
    file(session, kind="claim", quantity=Decimal(1))
    same_person = person(session, HEBEI, Role.COORDINATOR, OFFICER_ID)
    with pytest.raises(Forbidden, match="自己"):
        judge(session, "verify", actor=same_person)


def test_strangers_get_nothing_and_readers_change_nothing(session: Session) -> None:
    with pytest.raises(NotFound):
        judge(session, "verify", actor=person(session, HENAN, Role.COORDINATOR))
    with pytest.raises(NotFound):
        file(session, quantity=Decimal("0.5"), actor=person(session, "130100"))
    for reader in (person(session, BAODING, Role.READER), person(session, HEBEI, Role.COORDINATOR)):
        with pytest.raises(Forbidden):
            file(session, quantity=Decimal("0.5"), actor=reader)
    file(session, kind="claim", quantity=Decimal(1))
    for other in (
        person(session, BAODING),
        person(session, REGION, Role.COORDINATOR),
        person(session, HEBEI, Role.READER),
    ):
        with pytest.raises(Forbidden):
            judge(session, "verify", actor=other)


def test_the_verified_figure_must_meet_the_target(session: Session) -> None:
    file(session, kind="claim", quantity=Decimal(1))
    with pytest.raises(Invalid):
        judge(session, "verify", quantity=Decimal("0.8"), reason="抽查")


def test_officers_are_told_at_once_and_once(session: Session) -> None:
    baoding = assignment(session, BOILERS, BAODING).organisation
    officer = Person(email="bd@example.org", name_zh="王某", name_en="Wang", password_hash="x", created_at=OCTOBER)
    session.add(officer)
    session.flush()
    session.add(
        Membership(person_id=officer.id, organisation_id=baoding.id, role="officer", valid_from=date(2017, 1, 1))
    )
    file(session, kind="claim", quantity=Decimal(1), actor=person(session, BAODING, person_id=officer.id))
    judge(session, "return", reason="照片不清，请补拍", actor=person(session, HEBEI, Role.COORDINATOR, 80))
    mail = session.scalars(select(OutboxMail)).one()
    assert (mail.template, mail.address, mail.state) == ("claim_returned", "bd@example.org", "new")
    for locale in ("zh", "en"):
        shown = RENDERERS[mail.template]({**mail.payload, "base_url": "https://lantian.example"}, locale)
        assert f"https://lantian.example/assignments/{mail.payload['assignment']}" in shown.text
        assert "照片不清，请补拍" in shown.html


def test_the_history_tells_everything_newest_first(session: Session) -> None:
    file(session, quantity=Decimal("0.4"), now=parse_instant("2017-09-01T10:00"))
    row = file(session, kind="claim", quantity=Decimal(1))
    judge(session, "return", reason="照片不清", now=NOVEMBER)
    assert [entry.kind for entry in timeline(session, row.id)] == ["decision", "update", "update", "due"]


def test_the_queue_is_the_reviewers_own_oldest_first(session: Session) -> None:
    file(session, kind="claim", quantity=Decimal(1), code="130100", now=parse_instant("2017-10-02T10:00"))
    row = file(session, kind="claim", quantity=Decimal(1))
    file(session, kind="claim", quantity=Decimal(1), code="110000")
    plan = plan_id(session)
    hebei, region = (person(session, code, Role.COORDINATOR, 80) for code in (HEBEI, REGION))
    assert [each.organisation_code for each in review_queue(session, plan, hebei)] == ["130100", "130600"]
    assert [each.organisation_code for each in review_queue(session, plan, region)] == ["110000"]
    assert review_count(session, plan, hebei) == 2
    assert review_count(session, plan, person(session, HEBEI, Role.READER)) == 0
    first = assignment(session, BOILERS, "130100")
    assert next_in_queue(session, plan, hebei, first) == row.id
    assert next_in_queue(session, plan, hebei, row) == first.id


# --- the monthly plan

PLAN = {date(2017, 8, 1): Decimal("0.2"), date(2017, 9, 1): Decimal("0.6"), date(2017, 10, 1): Decimal(1)}


def plan_months(session: Session, shares: dict[date, Decimal], task: str = BOILERS) -> int:
    officer = person(session, BAODING)
    row = assignment(session, task, BAODING)
    return file_nodes(session, row, actor=officer, now=OCTOBER, shares=shares, version=row.version)


def test_an_own_monthly_plan_sets_the_pace(session: Session) -> None:
    row = file(session, quantity=Decimal("0.6"))
    assert row.light_label == "behind"  # linear asks for more
    assert plan_months(session, PLAN) == 1
    assert (row.pace, row.light_label) == (Decimal("0.6"), "on_pace")
    assert plan_months(session, PLAN) == 2


@pytest.mark.parametrize(
    "shares",
    [
        pytest.param({}, id="nothing"),
        pytest.param({date(2017, 9, 1): Decimal("0.6")}, id="never finished"),
        pytest.param({**PLAN, date(2017, 9, 1): Decimal("0.1")}, id="falls"),
        pytest.param({**PLAN, date(2017, 11, 1): Decimal(1)}, id="after the due date"),
        pytest.param({**PLAN, date(2017, 1, 1): Decimal(0)}, id="before the start"),
        pytest.param({**PLAN, date(2017, 8, 1): Decimal("-0.1")}, id="negative"),
        pytest.param({**PLAN, date(2017, 10, 1): Decimal("1.1")}, id="more than all"),
    ],
)
def test_bad_monthly_plans(session: Session, shares: dict[date, Decimal]) -> None:
    with pytest.raises(Invalid):
        plan_months(session, shares)


def test_standing_duties_have_no_monthly_plan(session: Session) -> None:
    with pytest.raises(Conflict):
        plan_months(session, PLAN, "m06-exceedance")


# --- nothing half done


def test_of_two_forms_saved_at_once_one_wins(loaded: Database) -> None:
    with loaded.reading() as session:
        version = assignment(session, BOILERS, BAODING).version

    def save(share: str) -> str:
        try:
            with loaded.transaction() as session:
                file(session, quantity=Decimal(share), version=version)
        except Stale:
            return "stale"
        return "saved"

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(save, ["0.1", "0.2", "0.3", "0.4"]))
    assert outcomes == ["saved", "stale", "stale", "stale"]
    with loaded.reading() as session:
        assert session.scalar(select(func.count(ProgressUpdate.id))) == 1


def test_a_refused_update_leaves_the_database_as_it_was(loaded: Database) -> None:
    def one_good_one_bad() -> None:
        with loaded.transaction() as session:
            file(session, quantity=Decimal("0.5"))
            file(session, quantity=Decimal("0.4"))

    with pytest.raises(LantianError):
        one_good_one_bad()
    with loaded.reading() as session:
        assert session.scalar(select(func.count(ProgressUpdate.id))) == 0
        assert session.scalar(select(func.count(ReviewDecision.id))) == 0
