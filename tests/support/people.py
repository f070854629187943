"""The standing characters of the tests, in a small tree: Hebei with Baoding, Shandong with Jinan, Beijing.

officer and colleague work in Baoding; stranger in Jinan, another province; coordinator watches over Hebei;
overseer over the region; reader looks at Hebei; admin runs the installation.
"""

from dataclasses import dataclass
from datetime import date, datetime

from argon2 import PasswordHasher
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.support.organisations import Row
from webapp.accounts.models import Person
from webapp.accounts.service import create_person, grant_role
from webapp.clock import parse_instant
from webapp.organisations.queries import by_code
from webapp.organisations.service import save_organisations
from webapp.permissions import SYSTEM, Role

NOW = parse_instant("2017-10-20T08:25")
PASSWORD = "correct horse battery"
# Some thousand times cheaper than the product's: what is tested is who may enter, not how long a guess takes.
WEAK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
WEAK_HASH = WEAK_HASHER.hash(PASSWORD)

TREE = (
    Row("jjj", None, "region", "京津冀及周边", "JJJ Region", "京津冀", "JJJ region", "jing jin ji"),
    Row("110000", "jjj", "municipality", "北京市", "Beijing Municipality", "北京", "Beijing", "bei jing", [4, 0]),
    Row("130000", "jjj", "province", "河北省", "Hebei Province", "河北", "Hebei", "he bei"),
    Row("130600", "130000", "city", "保定市", "Baoding City", "保定", "Baoding", "bao ding", [2, 1]),
    Row("370000", "jjj", "province", "山东省", "Shandong Province", "山东", "Shandong", "shan dong"),
    Row("370100", "370000", "city", "济南市", "Jinan City", "济南", "Jinan", "ji nan", [4, 4]),
)
ROLES = {
    "officer": ("李敏", "Li Min", "130600", Role.OFFICER),
    "colleague": ("赵强", "Zhao Qiang", "130600", Role.OFFICER),
    "stranger": ("孙丽", "Sun Li", "370100", Role.OFFICER),
    "coordinator": ("王芳", "Wang Fang", "130000", Role.COORDINATOR),
    "overseer": ("陈刚", "Chen Gang", "jjj", Role.COORDINATOR),
    "reader": ("周洁", "Zhou Jie", "130000", Role.READER),
    "admin": ("吴涛", "Wu Tao", "jjj", Role.ADMINISTRATOR),
}


@dataclass(frozen=True)
class People:
    """The characters, by name."""

    officer: Person
    colleague: Person
    stranger: Person
    coordinator: Person
    overseer: Person
    reader: Person
    admin: Person


def add_person(
    session: Session,
    name: str,
    organisation: str,
    role: Role,
    *,
    first: date = date(2017, 1, 1),
    last: date | None = None,
    now: datetime = NOW,
) -> Person:
    """Somebody with PASSWORD and one role at an organisation that is there already."""
    names = {key: row[:2] for key, row in ROLES.items()}.get(name, (name, name))
    person = create_person(
        session,
        email=f"{name}@example.cn",
        name_zh=names[0],
        name_en=names[1],
        password_hash=WEAK_HASH,
        actor=SYSTEM,
        now=now,
    )
    place = by_code(session, [organisation])[organisation]
    grant_role(session, person, place, role, valid_from=first, valid_until=last, actor=SYSTEM, now=now)
    return person


def settle(session: Session, *, now: datetime = NOW) -> People:
    """Add the characters, and the tree where no plan pack was loaded before."""
    if not by_code(session):
        save_organisations(session, TREE)
    return People(
        **{name: add_person(session, name, place, role, now=now) for name, (_zh, _en, place, role) in ROLES.items()}
    )


def sign_in(client: FlaskClient, person: Person) -> None:
    """Give a test client the session of a person, as the sign-in page would."""
    with client.session_transaction() as session:
        session.clear()
        session["_user_id"] = f"{person.id}:{person.auth_version}"
        session["_fresh"] = True
