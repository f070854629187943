"""The tallies always say what the assignments say; asked for a past day, what a replay of the record says."""

import random
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from tests.support.plans import INVENTED, assignment_id, load_plan, person
from webapp.clock import local_date, parse_instant
from webapp.db import Database
from webapp.errors import LantianError
from webapp.organisations.models import Organisation
from webapp.permissions import Role
from webapp.plans.models import Assignment, Plan, Task
from webapp.plans.queries import get_assignment
from webapp.progress.facts import Thresholds
from webapp.progress.letters import LETTERS, averaged_share
from webapp.progress.lights import light_on
from webapp.progress.models import LightChange
from webapp.progress.planning import extend, file_nodes
from webapp.progress.restating import restate
from webapp.progress.rules import completion
from webapp.progress.service import decide, leave_out, record_update, relight
from webapp.rollups import folding, tally_queries
from webapp.rollups.asof import known_at, load_history, on_day
from webapp.rollups.models import Tally, TallyState
from webapp.rollups.recounting import differences, expected, recount
from webapp.rollups.tally import NEVER, packed
from webapp.rollups.tally_queries import Scope

START = parse_instant("2019-01-15T09:00")
TOWNS = ("stonebridge", "alderford", "millhaven")
TASK, TOWN = "c-gas", "stonebridge"


@pytest.fixture
def loaded(db: Database) -> Database:
    """The invented plan, loaded on the first day of these tests."""
    load_plan(db, INVENTED, START)
    return db


class Hands:
    """Somebody who does anything at any time, on a few assignments."""

    def __init__(self, db: Database, seed: int) -> None:
        self.db, self.chance, self.now = db, random.Random(seed), START
        with db.reading() as session:
            places = {row.id: row.code for row in session.scalars(select(Organisation))}
            rows = session.scalars(select(Assignment).order_by(Assignment.id)).all()
            towns = [(row.id, places[row.organisation_id]) for row in rows if places[row.organisation_id] in TOWNS]
        self.subjects = self.chance.sample(towns, 8)

    def act(self) -> bool:
        """One deed; whether it was allowed."""
        self.now += timedelta(days=self.chance.choice((0, 0, 0, 1, 1, 5, 20)), minutes=self.chance.randint(1, 90))
        deed = self.chance.choice((self.state, self.state, self.state, self.judge, self.judge, self.move, self.plan,
                                   self.put_right, self.night, self.add_up))  # fmt: skip
        try:
            with self.db.transaction() as session:
                deed(session)
        except LantianError:
            return False
        return True

    def subject(self, session: Session, role: Role, above: int = 0) -> tuple[Assignment, Any]:
        number, code = self.chance.choice(self.subjects)
        place = session.scalars(select(Organisation).where(Organisation.code == code)).one()
        for _ in range(above):
            place = session.get_one(Organisation, place.parent_id)
        actor = person(session, place.code, role, person_id=7 + above)
        return get_assignment(session, number, actor), actor

    def figure(self, row: Assignment) -> Decimal:
        whole = row.task.target_min or row.task.target_max or Decimal(1)
        return (whole * self.chance.choice((0, 1, 2, 3, 4, 5)) / 4).quantize(Decimal("0.0001"))

    def state(self, session: Session) -> None:
        row, actor = self.subject(session, Role.OFFICER)
        kind: Any = self.chance.choice(
            ("progress", "progress", "progress", "no_change", "claim", "na_claim", "withdraw")
        )
        record_update(
            session, row, actor=actor, now=self.now, kind=kind, version=row.version, note="进展", reason="有原因",
            as_of=local_date(self.now) - timedelta(days=self.chance.choice((0, 0, 3))),
            quantity=self.figure(row) if kind in ("progress", "claim") else None,
        )  # fmt: skip

    def judge(self, session: Session) -> None:
        row, actor = self.subject(session, Role.COORDINATOR, above=1)
        verdict: Any = {"claimed": ("verify", "return"), "na_claimed": ("na_accept", "na_refuse")}.get(
            row.status, ("reopen",)
        )
        decide(session, row, actor=actor, now=self.now, decision=self.chance.choice(verdict), version=row.version,
               reason="现场核查")  # fmt: skip

    def move(self, session: Session) -> None:
        row, actor = self.subject(session, Role.COORDINATOR, above=2)
        due = (row.due or date(2019, 12, 31)) + timedelta(days=self.chance.randint(1, 60))
        extend(session, row, actor=actor, now=self.now, due=due, reason="雨季", version=row.version)

    def plan(self, session: Session) -> None:
        row, actor = self.subject(session, Role.OFFICER)
        due = row.due or date(2019, 12, 31)
        shares = {date(2019, 4, 1): Decimal("0.25"), due.replace(day=1): Decimal(1)}
        file_nodes(session, row, actor=actor, now=self.now, shares=shares, version=row.version)

    def put_right(self, session: Session) -> None:
        row, actor = self.subject(session, Role.OFFICER)
        as_of = (row.as_of or date(2019, 3, 1)) - timedelta(days=20)
        restate(session, row, as_of=as_of, quantity=self.figure(row), reason="重复统计", actor=actor, now=self.now,
                version=row.version)  # fmt: skip

    def night(self, session: Session) -> None:
        relight(session, now=self.now)

    def add_up(self, session: Session) -> None:
        folding.fold(session)


def replayed(session: Session, day: date, now: datetime) -> dict[folding.Key, tuple[str, int]]:
    """What the tallies of a day should say: the record until its end, replayed."""
    history = load_history(session, Assignment.id > 0, now=now)
    limits = {plan.id: Thresholds.from_data(plan.rules["thresholds"]) for plan in session.scalars(select(Plan))}
    holders: defaultdict[Any, folding.Steps] = defaultdict(dict)
    for known in known_at(history, on_day(day)):
        row, shown = known.row, light_on(known.facts, day, limits[known.row.plan_id])
        key = (row.plan_id, row.organisation_id, row.clause_id, row.task_id, known.facts.due or NEVER)
        share = averaged_share(shown.label, completion(known.facts))
        folding.add(holders[key], NEVER, {LETTERS[shown.colour, shown.label]: 1, folding.PROGRESS: share})
    found = folding.spread(holders, folding.places(session))
    return {
        key: (packed({name: n for name, n in steps[NEVER].items() if name != folding.PROGRESS}),
              steps[NEVER][folding.PROGRESS])
        for key, steps in found.items()
    }  # fmt: skip


def kept(session: Session, day: date) -> dict[folding.Key, tuple[str, int]]:
    """What the tallies of a day say."""
    rows = session.execute(select(*folding.COLUMNS).where(Tally.valid_from <= day, Tally.valid_to > day))
    return {(row[0], row[1], bool(row[2]), *row[3:7]): (row.lights, row.progress) for row in rows}


def shown(session: Session) -> dict[tuple[int, int], tuple[str, int]]:
    """What a page shows of every cell now, with changes that were not added up yet."""
    places = session.execute(select(Organisation.id, Organisation.path, Organisation.kind)).all()
    plan = session.scalars(select(Plan.id)).one()
    cells = tally_queries.book(session, Scope(plan), places, cells=[each.id for each in places]).cells
    return {key: (cell.lights, cell.progress) for key, cell in cells.items() if cell.lights}


def counted(session: Session) -> dict[tuple[int, int], tuple[str, int]]:
    """The same counted from the assignments."""
    return {(key[1], key[4]): said for key, said in expected(session).items() if key[3] == "cell" and not key[2]}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_happens_now_is_counted_and_then_is_replayed(loaded: Database, seed: int) -> None:
    hands = Hands(loaded, seed)
    done = sum(hands.act() for _ in range(120))
    assert done > 50
    with loaded.reading() as session:
        assert shown(session) == counted(session)
    # The scheduler slept now and then; once it has caught up, every past day is what it would have been.
    with loaded.transaction() as session:
        hands.night(session)
        hands.add_up(session)
    with loaded.reading() as session:
        assert differences(session) == []
        days = (local_date(hands.now) - local_date(START)).days
        for day in sorted({local_date(START) + timedelta(hands.chance.randint(0, days)) for _ in range(12)}):
            assert kept(session, day) == replayed(session, day, hands.now), day


def file(db: Database, when: str, quantity: int) -> None:
    with db.transaction() as session:
        actor = person(session, TOWN)
        row = get_assignment(session, assignment_id(session, TASK, TOWN), actor)
        record_update(session, row, actor=actor, now=parse_instant(when), kind="progress", version=row.version,
                      as_of=local_date(parse_instant(when)), quantity=Decimal(quantity))  # fmt: skip


def test_a_change_is_one_row_beside_the_assignment_and_holds_no_other(loaded: Database) -> None:
    file(loaded, "2019-03-20T10:00", 5)
    with loaded.reading() as session:
        notes = session.scalars(select(LightChange).where(~LightChange.folded)).all()
        assert [note.cause for note in notes][-1] == "filed"
        assert {note.organisation_id for note in notes} == {assignment_of(session).organisation_id}
        before = kept(session, local_date(START))
    with loaded.transaction() as session:
        assert folding.fold(session) == len(notes)
        assert folding.fold(session) == 0
    with loaded.reading() as session:
        assert kept(session, local_date(START)) == before
        assert differences(session) == []


def assignment_of(session: Session) -> Assignment:
    return session.get_one(Assignment, assignment_id(session, TASK, TOWN))


def test_what_is_left_out_is_counted_apart_from_that_day_on(loaded: Database) -> None:
    now = parse_instant("2019-04-10T09:00")
    with loaded.transaction() as session:
        leave_out(session, [assignment_id(session, TASK, TOWN)], reason="无此类用户", now=now)
        folding.fold(session)
        assert differences(session) == []
        place = assignment_of(session).organisation_id
        whole = {day: kept(session, day) for day in (date(2019, 4, 9), date(2019, 4, 10))}
        lights = [
            next(said for key, said in each.items() if key[1:4] == (place, False, "all")) for each in whole.values()
        ]
    assert "l1" not in lights[0][0]
    assert "l1" in lights[1][0]


def test_a_database_without_counts_is_counted_from_its_record(loaded: Database) -> None:
    for month, figure in ((2, 1), (3, 2), (5, 400)):
        file(loaded, f"2019-{month:02d}-20T10:00", figure)
    now = parse_instant("2019-06-03T09:00")
    with loaded.transaction() as session:
        relight(session, now=now)
        folding.fold(session)
        days = [date(2019, 1, 20), date(2019, 3, 19), date(2019, 3, 20), date(2019, 5, 31), date(2019, 6, 3)]
        before = [kept(session, day) for day in days]
        for table in (Tally, LightChange, TallyState):
            session.execute(delete(table))
        assert folding.fold(session) == 0
        found = recount(session, now=now)
        assert (found.corrected, found.differing) == (0, 0)
        assert found.replayed == len(session.scalars(select(Assignment.id)).all())
        assert [kept(session, day) for day in days] == before


def test_a_recount_says_what_differed_and_puts_it_right(loaded: Database) -> None:
    now = parse_instant("2019-03-01T09:00")
    with loaded.transaction() as session:
        relight(session, now=now)
        assert recount(session, now=now) == type(recount(session, now=now))(0, 0, 0)
        session.execute(update(Assignment).where(Assignment.id == assignment_id(session, TASK, TOWN))
                        .values(light="red", light_label="overdue", completion=Decimal("0.1")))  # fmt: skip
        assert recount(session, now=now).corrected == 2
        session.execute(update(Tally).where(Tally.grain == "all", ~Tally.own).values(lights="a77"))
        assert recount(session, now=now).differing > 3
        assert recount(session, now=now).differing == 0


def test_narrowed_counts_are_those_of_what_is_left(loaded: Database) -> None:
    file(loaded, "2019-03-20T10:00", 5)
    with loaded.reading() as session:
        plan = session.scalars(select(Plan.id)).one()
        places = session.execute(
            select(Organisation.id, Organisation.path, Organisation.kind).where(Organisation.code == TOWN)
        ).all()
        rows = session.execute(
            select(Assignment.due, Assignment.clause_id, Task.code)
            .join(Task)
            .where(Assignment.organisation_id == places[0].id)
        ).all()
        due = next(row.due for row in rows if row.code == TASK)
        clause = next(row.clause_id for row in rows if row.code == TASK)
        dated = tally_queries.book(session, Scope(plan, due_after=due, due_before=due), places, cells=[])
        of_clause = tally_queries.book(session, Scope(plan, clause), places, cells=[])
        duties = tally_queries.duties(session, Scope(plan, clause), places)
    assert dated.whole(places[0].id).total == sum(row.due == due for row in rows)
    assert of_clause.whole(places[0].id).total == sum(row.clause_id == clause for row in rows)
    assert {duty.due for duty in duties[places[0].id]} == {row.due or NEVER for row in rows if row.clause_id == clause}
