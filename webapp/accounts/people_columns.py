"""The columns of the list of people, and what a file says there."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from webapp.accounts.duties import LABELS
from webapp.accounts.people import Listed
from webapp.accounts.wording import ROLE_LABELS
from webapp.i18n import day, pick
from webapp.lists.files import Field
from webapp.lists.rules import Column

COLUMNS = (
    Column("name", _l("姓名"), "name", "-name", always=True),
    Column("email", _l("电子邮箱"), "email"),
    Column("roles", _l("任职")),
    Column("seen", _l("最近登录"), "seen", "-seen"),
    Column("duties", _l("月报分工"), usual=False),
    Column("phone", _l("联系电话"), usual=False),
)


def duty_words(person: Listed) -> str:
    """What somebody may be in monthly reports, each word once."""
    found = [str(word) for name, word in LABELS.items() if any(_takes_part(role, name) for role in person.roles)]
    return _("、").join(found)


def _takes_part(role: Any, name: str) -> bool:
    return role.role in ("officer", "coordinator") and bool(getattr(role, name))


def role_words(role: Any) -> str:
    """A role as one line: where, as what, from when until when."""
    words = f"{pick(role, 'organisation')} · {ROLE_LABELS[role.role]}"
    until = _("，至%(last)s", last=day(role.valid_until)) if role.valid_until else ""
    words = _("%(role)s（副职）", role=words) if role.deputy else words
    return words + " " + _("%(first)s起", first=day(role.valid_from)) + until


def fields(shown: Sequence[Column]) -> list[Field]:
    """The columns of a file: those that are shown; whether the account is in use goes with the name."""
    known: Mapping[str, list[Field]] = {
        "name": [
            Field(_("姓名"), lambda each: pick(each, "name")),
            Field(_("账户"), lambda each: _("在用") if each.active else _("已停用"), 10),
        ],
        "email": [
            Field(_("电子邮箱"), lambda each: each.email, 30),
            Field(_("邮箱被退回的原因"), lambda each: each.refusal, 24),
        ],
        "roles": [Field(_("任职"), lambda each: "\n".join(role_words(role) for role in each.roles), 40)],
        "seen": [Field(_("最近登录"), lambda each: each.last_seen_at, 18)],
        "duties": [Field(_("月报分工"), duty_words, 24)],
        "phone": [Field(_("联系电话"), lambda each: each.phone, 18)],
    }  # fmt: skip
    return [field for column in shown for field in known[column.code]]
