"""A loaded plan, people with roles in it, and its assignments by name: what tests of the main loop start from."""

from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from seed.loader import LoadResult, load
from seed.pack import Pack
from seed.schema import load_pack
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.organisations.models import Organisation
from webapp.permissions import Actor, Grant, Role
from webapp.plans.models import Assignment, Plan, Task
from webapp.plans.queries import get_assignment

ROOT = Path(__file__).parents[2]
REAL = ROOT / "seed" / "jjj-2017"
INVENTED = ROOT / "tests" / "packs" / "delta-2019"
START = parse_instant("2017-02-17T09:00")


def load_plan(db: Database, pack: Pack | Path, now: datetime = START) -> LoadResult:
    """Load a pack, or the pack in a folder, in a transaction of its own."""
    with db.transaction() as session:
        return load(session, load_pack(pack) if isinstance(pack, Path) else pack, now=now)


def person(session: Session, code: str, role: Role = Role.OFFICER, person_id: int = 7) -> Actor:
    """Somebody who holds a role at an organisation."""
    found = session.scalars(select(Organisation).where(Organisation.code == code)).one()
    return Actor(person_id, f"{found.short_zh}某", "zh", (Grant(role, found.id, found.code, found.path),))


def assignment_id(session: Session, task: str, code: str) -> int:
    """The id of the assignment of a task to an organisation."""
    query = (
        select(Assignment.id)
        .join(Task, Task.id == Assignment.task_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .where(Task.code == task, Organisation.code == code)
    )
    return session.scalars(query).one()


def assignment(session: Session, task: str, code: str, actor: Actor | None = None) -> Assignment:
    """The assignment of a task to an organisation, as an actor (by default its officer) would load it."""
    return get_assignment(session, assignment_id(session, task, code), actor or person(session, code))


def plan_id(session: Session, code: str = "jjj-2017") -> int:
    """The id of a plan."""
    return session.scalars(select(Plan.id).where(Plan.code == code)).one()
