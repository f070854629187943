"""What lies in whose area, and in which order."""

import pytest
from sqlalchemy import select

from tests.support.organisations import Row
from webapp.db import Database
from webapp.errors import NotFound
from webapp.organisations.models import Organisation
from webapp.organisations.queries import above, branches, get_organisation, organisations_in, within
from webapp.organisations.service import save_organisations
from webapp.permissions import SYSTEM, Actor, Grant, Permission, Role, can

TREE = [
    Row("jjj", kind="region"),
    Row("110000", "jjj", "municipality"),
    Row("130600", "130000"),
    Row("130100", "130000"),
    Row("130000", "jjj", "province"),
    Row("13_000", "jjj", "province"),
    Row("13x000", "jjj", "province"),
]


@pytest.fixture
def tree(db: Database) -> Database:
    with db.transaction() as session:
        save_organisations(session, TREE)
    return db


def holding(*grants: tuple[Role, str]) -> Actor:
    """Somebody with roles at paths."""
    return Actor(1, "甲", "zh", tuple(Grant(role, 0, path.split("/")[-2], path) for role, path in grants))


@pytest.mark.parametrize(
    ("actor", "permission", "codes"),
    [
        pytest.param(SYSTEM, Permission.SEE, set(), id="no roles see nothing"),
        pytest.param(holding((Role.OFFICER, "jjj/130000/130600/")), Permission.SEE, {"130600"}, id="officer"),
        pytest.param(
            holding((Role.COORDINATOR, "jjj/130000/")), Permission.SEE, {"130000", "130100", "130600"}, id="province"
        ),
        pytest.param(holding((Role.COORDINATOR, "jjj/13_000/")), Permission.SEE, {"13_000"}, id="underscore"),
        pytest.param(holding((Role.READER, "jjj/")), Permission.SEE, {row.code for row in TREE}, id="region"),
        pytest.param(holding((Role.READER, "jjj/")), Permission.CLOSE_OUT, set(), id="reader closes nothing"),
        pytest.param(
            holding((Role.OFFICER, "jjj/110000/"), (Role.OFFICER, "jjj/130000/130600/")),
            Permission.SEE,
            {"110000", "130600"},
            id="two roles",
        ),
    ],
)
def test_within(tree: Database, actor: Actor, permission: Permission, codes: set[str]) -> None:
    with tree.reading() as session:
        found = session.scalars(select(Organisation.code).where(within(Organisation.path, actor, permission)))
        assert set(found) == codes


def test_a_stranger_is_told_nothing(tree: Database) -> None:
    officer = holding((Role.OFFICER, "jjj/130000/130600/"))
    with tree.reading() as session:
        assert get_organisation(session, "130600", officer).kind == "city"
        for code in ("130100", "130000", "no-such"):
            with pytest.raises(NotFound):
                get_organisation(session, code, officer)


def test_lists_follow_the_tree(tree: Database) -> None:
    reader = holding((Role.READER, "jjj/"))
    with tree.reading() as session:
        everything = organisations_in(session, reader)
        expected = ["jjj", "110000", "130000", "130600", "130100", "13_000", "13x000"]
        assert [each.code for each in everything] == expected
        cities = organisations_in(session, reader, kinds=("city",), under="jjj/130000/")
        assert [each.code for each in cities] == ["130600", "130100"]
        below_region = organisations_in(session, reader, kinds=("municipality", "province", "city"))
        grouped = [(each.organisation.code, [child.code for child in each.children]) for each in branches(below_region)]
        assert grouped == [("110000", []), ("130000", ["130600", "130100"]), ("13_000", []), ("13x000", [])]


def test_above(tree: Database) -> None:
    with tree.reading() as session:
        assert [each.code for each in above(session, "jjj/130000/130600/")] == ["jjj", "130000"]
        assert above(session, "jjj/") == []


@pytest.mark.parametrize(
    ("held_at", "path", "expected"),
    [
        ("jjj/130000/", "jjj/130000/130600/", True),
        ("jjj/", "jjj/130000/130600/", True),
        ("jjj/130000/", "jjj/130000/", False),
        ("jjj/130000/", "jjj/120000/", False),
        ("jjj/", "jjj/", True),
    ],
)
def test_what_is_closed_is_opened_again_from_above(held_at: str, path: str, expected: bool) -> None:
    assert can(holding((Role.COORDINATOR, held_at)), Permission.REOPEN, path) is expected
