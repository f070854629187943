"""Who may what, where: one table, and the pure functions that read it.

A person holds roles at organisations, between dates. A permission is granted to a role for a part of the tree below the
organisation where the role is held. Every query that lists or counts takes the paths `areas` returns.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is at an organisation."""

    OFFICER = "officer"
    COORDINATOR = "coordinator"
    ADMINISTRATOR = "administrator"
    READER = "reader"


class Where(StrEnum):
    """Which organisations a grant reaches, seen from the one where the role is held."""

    OWN = "own"
    CHILDREN = "children"
    BELOW = "below"
    AREA = "area"


class Permission(StrEnum):
    """The things a person can be allowed to do."""

    SEE = "see"
    UPDATE_PROGRESS = "update_progress"
    PLAN_NODES = "plan_nodes"
    CLOSE_OUT = "close_out"
    REOPEN = "reopen"
    EXTEND = "extend"
    REMIND = "remind"
    FILE_REPORT = "file_report"
    DECIDE_REPORT = "decide_report"
    OVERVIEW = "overview"
    PUBLISH = "publish"
    EXPORT = "export"
    OPERATE = "operate"


GRANTS: Mapping[Permission, Mapping[Role, Where]] = {
    Permission.SEE: dict.fromkeys(Role, Where.AREA),
    Permission.UPDATE_PROGRESS: {Role.OFFICER: Where.AREA, Role.COORDINATOR: Where.OWN},
    Permission.PLAN_NODES: {Role.OFFICER: Where.AREA, Role.COORDINATOR: Where.OWN},
    Permission.CLOSE_OUT: {Role.COORDINATOR: Where.CHILDREN},
    Permission.REOPEN: {Role.COORDINATOR: Where.BELOW},
    Permission.EXTEND: {Role.COORDINATOR: Where.CHILDREN},
    Permission.REMIND: {Role.COORDINATOR: Where.AREA},
    Permission.FILE_REPORT: {Role.OFFICER: Where.OWN, Role.COORDINATOR: Where.OWN},
    Permission.DECIDE_REPORT: {Role.COORDINATOR: Where.CHILDREN},
    Permission.OVERVIEW: {Role.COORDINATOR: Where.AREA, Role.READER: Where.AREA, Role.ADMINISTRATOR: Where.AREA},
    Permission.PUBLISH: {Role.COORDINATOR: Where.OWN},
    Permission.EXPORT: dict.fromkeys(Role, Where.AREA),
    Permission.OPERATE: {Role.ADMINISTRATOR: Where.AREA},
}


@dataclass(frozen=True, slots=True)
class Grant:
    """A role held today at an organisation (path: codes from the root, each with a slash), its kind and short names.

    The last three say what its holder may be in the organisation's monthly report: 填报人, 审核人, 签发人.
    """

    role: Role
    organisation_id: int
    organisation_code: str
    path: str
    kind: str = ""
    name_zh: str = ""
    name_en: str = ""
    may_fill: bool = True
    may_check: bool = True
    may_sign: bool = True


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a person with the roles valid today, or a job of the system (id 0, no grants)."""

    id: int
    name: str
    locale: str
    grants: tuple[Grant, ...] = ()
    auth_version: int = 0
    name_en: str = ""

    @property
    def home(self) -> Grant | None:
        """The role that decides which face of the product the person sees first."""
        return self.grants[0] if self.grants else None

    def has_role(self, *roles: Role) -> bool:
        """Whether one of the roles is held anywhere."""
        return any(grant.role in roles for grant in self.grants)


SYSTEM = Actor(id=0, name="system", locale="zh")


def parent_path(path: str) -> str:
    """The path of the organisation above; the root is its own (nobody stands above it)."""
    head = path.rstrip("/").rpartition("/")[0]
    return f"{head}/" if head else path


def reaches(where: Where, held_at: str, path: str) -> bool:
    """Whether a grant held at one path reaches the organisation at another."""
    if where is Where.OWN:
        return path == held_at
    if where is Where.CHILDREN:
        return parent_path(path) == held_at
    if where is Where.BELOW:
        # Nobody stands above the root: it looks at its own.
        return parent_path(path).startswith(held_at)
    return path.startswith(held_at)


def can(actor: Actor, permission: Permission, path: str) -> bool:
    """Whether an actor may do something to what belongs to the organisation at a path."""
    table = GRANTS[permission]
    return any(grant.role in table and reaches(table[grant.role], grant.path, path) for grant in actor.grants)


def can_anywhere(actor: Actor, permission: Permission) -> bool:
    """Whether an actor holds a permission at all: what a navigation entry asks."""
    return any(grant.role in GRANTS[permission] for grant in actor.grants)


def areas(actor: Actor, permission: Permission = Permission.SEE) -> tuple[str, ...]:
    """The paths below which an actor holds a permission, the ones inside another left out."""
    paths = sorted({grant.path for grant in actor.grants if grant.role in GRANTS[permission]})
    return tuple(path for path in paths if not any(path != other and path.startswith(other) for other in paths))
