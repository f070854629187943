"""The 2017 plan grown to counties, with a year behind it: what `make bench` measures on.

Once (1x) the plan as it is lived in, 28 cities; ten and a hundred times: 280 and 2,800 counties below those cities,
each with two thirds of its city's tasks. Every assignment has a year of figures, a third of them a monthly plan, and a
quarter is closed out. All of it follows from numbers, and the database itself multiplies it: one statement a table and
month, the same on SQLite and PostgreSQL.
"""

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    String,
    case,
    cast,
    func,
    insert,
    literal,
    null,
    select,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session, aliased

from tests.support.lived_in import live
from tests.support.people import People
from tests.support.plans import START
from webapp.accounts.models import Membership, Person
from webapp.clock import add_months, known_before, local_date, month_end, parse_instant
from webapp.db import Base, Database
from webapp.organisations.models import CITY_KINDS, Organisation
from webapp.plans.models import Assignment, DueDate, MonthlyNode, Task
from webapp.progress.models import ProgressUpdate, ReviewDecision
from webapp.reports.models import MonthlyReport, ReportRevision
from webapp.settings import Settings

# A Monday, when mails have begun to go out.
NOW = parse_instant("2018-03-12T08:31")
MONTHS = [add_months(date(2017, 3, 1), number) for number in range(12)]
COUNTIES = {1: 0, 10: 280, 100: 2_800}
# In which month what is closed out was claimed.
CLAIMED = 8
WHOLE = 10_000
# From 0 to 99, another for each place and task: says how far an assignment is.
SPREAD = (Assignment.organisation_id * 31 + Assignment.task_id * 17) % 100
CLOSED = SPREAD % 4 == 0
TARGET = func.coalesce(type_coerce(Task.target_min, BigInteger), WHOLE)
COUNTED = Task.unit != "milestone"
Values = Mapping[str, Any]


def begin(database: Database, settings: Settings) -> People:
    """The plan once: lived in, with a year of figures and reports. The database must be migrated and empty."""
    people = live(database, settings, now=NOW)
    with database.transaction() as session:
        _reports(session)
        _year(session, Assignment.last_update_at.is_(None))
    return people


def grow(database: Database, counties: int) -> None:
    """Add counties below the cities, with their officers, assignments and year."""
    with database.transaction() as session:
        _counties(session, counties)
        last = session.scalar(select(func.max(Assignment.id))) or 0
        _assignments(session)
        _due_dates(session, Assignment.id > last)
        _year(session, Assignment.id > last)


# --- who


def _counties(session: Session, count: int) -> None:
    query = select(Organisation.id, Organisation.path).where(Organisation.kind.in_(CITY_KINDS))
    rows = list(_places([tuple(each) for each in session.execute(query.order_by(Organisation.id))], count))
    people = [
        {"email": f"county-{number}@example.test", "name_zh": f"第{number}联系人", "name_en": f"Contact {number}",
         "password_hash": "-", "created_at": START} for number in range(count)
    ]  # fmt: skip
    held = zip(_added(session, Person, people), _added(session, Organisation, rows), strict=True)
    session.execute(insert(Membership), [
        {"person_id": who, "organisation_id": at, "role": "officer", "valid_from": local_date(START)}
        for who, at in held
    ])  # fmt: skip


def _added(session: Session, table: Any, rows: list[dict[str, Any]]) -> list[int]:
    return list(session.scalars(insert(table).returning(table.id, sort_by_parameter_order=True), rows))


def _places(cities: list[tuple[int, str]], count: int) -> Iterator[dict[str, Any]]:
    for number in range(count):
        parent, path = cities[number % len(cities)]
        code = f"county-{number}"
        yield {
            "code": code, "kind": "county", "parent_id": parent, "path": f"{path}{code}/",
            "name_zh": f"第{number}县人民政府", "name_en": f"County government number {number}",
            "short_zh": f"第{number}县", "short_en": f"County {number}", "pinyin": code, "sort": 1000 + number,
        }  # fmt: skip


# --- what


def _copy(session: Session, table: type[Base], values: Values) -> Any:
    """A SELECT of what is to be inserted, and how; columns left out get the model's own defaults."""
    columns = [value if isinstance(value, ColumnElement) else literal(value) for value in values.values()]
    return select(*columns), lambda query: session.execute(insert(table).from_select(list(values), query))


def _assignments(session: Session) -> None:
    """Of what a city has to do its counties have to do as much as makes 53 or so for each."""
    above = aliased(Assignment)
    same = ("plan_id", "task_id", "clause_id", "starts_on", "nominal_due", "due")
    values = {name: getattr(above, name).expression for name in same}
    query, add = _copy(session, Assignment, {**values, "organisation_id": Organisation.id.expression})
    query = query.select_from(above).join(Organisation, Organisation.parent_id == above.organisation_id)
    add(query.where(Organisation.kind == "county", above.task_id % 10 < 7).order_by(Organisation.id, above.task_id))


def _due_dates(session: Session, which: ColumnElement[bool]) -> None:
    said = {"decided_by": 0, "decided_by_label": "system", "recorded_at": literal(START, DueDate.recorded_at.type)}
    query, add = _copy(session, DueDate, {
        "assignment_id": Assignment.id.expression, "revision": 1, "due": Assignment.due.expression, **said,
    })  # fmt: skip
    add(query.where(Assignment.due.is_not(None), which))


def _year(session: Session, which: ColumnElement[bool]) -> None:
    """Monthly plans, twelve months of figures, what was decided, and the state that follows."""
    for number, month in enumerate(MONTHS, start=1):
        _plans(session, which, number, month)
        _figures(session, which, number, month)
    _decisions(session, which)
    session.execute(update(Assignment).where(Assignment.task_id == Task.id, which).values(_state()))


def _plans(session: Session, which: ColumnElement[bool], number: int, month: date) -> None:
    query, add = _copy(session, MonthlyNode, {
        "assignment_id": Assignment.id.expression, "revision": 1, "month": month,
        "share": literal(number * WHOLE // len(MONTHS), BigInteger), "recorded_by": 0,
        "recorded_at": literal(START, MonthlyNode.recorded_at.type),
    })  # fmt: skip
    add(query.join(Task).where(which, COUNTED, SPREAD % 3 == 0, Assignment.due.is_not(None)))


def _figures(session: Session, which: ColumnElement[bool], number: int, month: date) -> None:
    """Each month's statement; what is closed out was claimed in the eighth and says nothing from then on."""
    share = SPREAD * number // len(MONTHS)
    claim = CLOSED if number == CLAIMED else literal(False)
    query, add = _copy(session, ProgressUpdate, {
        "assignment_id": Assignment.id.expression, "kind": case((claim, "claim"), else_="progress"),
        "as_of": month_end(month),
        "recorded_at": literal(known_before(month_end(month)) - timedelta(hours=9), ProgressUpdate.recorded_at.type),
        "actor_id": 99, "actor_label": "填报人", "note": "已按计划推进。",
        "quantity": case((claim, TARGET), (COUNTED, TARGET * share // 100), else_=null()),
        "status_after": case((claim, "claimed"), else_="in_progress"),
    })  # fmt: skip
    query = query.join(Task).where(which)
    add(query.where(~CLOSED) if number > CLAIMED else query)


def _decisions(session: Session, which: ColumnElement[bool]) -> None:
    decided = known_before(month_end(MONTHS[CLAIMED]))
    query, add = _copy(session, ReviewDecision, {
        "assignment_id": Assignment.id.expression, "decision": "verify", "quantity": TARGET, "actor_id": 98,
        "actor_label": "审核人", "recorded_at": literal(decided, ReviewDecision.recorded_at.type),
        "status_after": "verified",
    })  # fmt: skip
    add(query.join(Task).where(which, CLOSED))


def _state() -> dict[Any, Any]:
    """What a list shows of an assignment after its year."""
    told = month_end(MONTHS[-1])
    standing = Task.kind == "standing"
    light = ("green", "grey", "red", "yellow"), ("done", "standing", "overdue", "behind")
    colours, labels = (
        case((CLOSED, done), (standing, dateless), (SPREAD < 8, late), else_=behind)
        for done, dateless, late, behind in light
    )
    return {
        Assignment.status: case((CLOSED, "verified"), else_="in_progress"),
        Assignment.light: colours, Assignment.light_label: labels, Assignment.as_of: told,
        Assignment.last_update_at: known_before(told) - timedelta(hours=9),
        Assignment.completion: case((CLOSED, WHOLE), else_=SPREAD * 100),
        Assignment.claimed: case((CLOSED, TARGET), (COUNTED, TARGET * SPREAD // 100), else_=null()),
        Assignment.verified: case((CLOSED, TARGET), else_=null()),
    }  # fmt: skip


# --- reports


def _reports(session: Session) -> None:
    """Every reporter's accepted report on each month, with the content of the one that was filed in August."""
    filed = select(MonthlyReport).where(MonthlyReport.accepted_revision == 1).limit(1)
    example = session.scalars(filed).one()
    given = {each.name: getattr(MonthlyReport, each.key).expression for each in MonthlyReport.__table__.columns}
    kept = {name: value for name, value in given.items() if name not in ("id", "month", "status", "version")}
    for month in MONTHS:
        query, add = _copy(session, MonthlyReport, {
            **kept, "month": month, "status": "accepted", "revision": 1, "accepted_revision": 1, "version": 1,
        })  # fmt: skip
        known = select(MonthlyReport.month).where(MonthlyReport.month == month).limit(1)
        if session.scalar(known) is None:
            add(query.where(MonthlyReport.month == example.month))
    _revisions(session, example.id)


def _revisions(session: Session, example: int) -> None:
    filed = aliased(ReportRevision)
    columns = ReportRevision.__table__.columns
    same = [each.name for each in columns if each.name not in ("id", "report_id", "receipt")]
    query, add = _copy(session, ReportRevision, {
        **{name: getattr(filed, name).expression for name in same}, "report_id": MonthlyReport.id.expression,
        "receipt": "B" + cast(MonthlyReport.id, String),
    })  # fmt: skip
    others = MonthlyReport.month.not_in([date(2017, 8, 1), date(2017, 9, 1)])
    query = query.select_from(filed).join(MonthlyReport, others)
    add(query.where(filed.report_id == example, MonthlyReport.status == "accepted"))
