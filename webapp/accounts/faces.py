"""The demo's accounts in groups, as the sign-in page shows them: one group for each face of the product."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.accounts.queries import DemoAccount
from webapp.organisations.models import PROVINCE_KINDS
from webapp.permissions import Role

SHOWN_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class Face:
    """A group of accounts: what these people do, which of them are shown at once, and the others."""

    title: Any
    hint: Any
    icon: str
    first: tuple[DemoAccount, ...]
    others: tuple[DemoAccount, ...]


# The kind decides only between coordinators.
FACES = (
    (Role.OFFICER, (), _l("城市承办人员"), _l("填报进展、上传佐证、报送月报"), "edit"),
    (Role.COORDINATOR, PROVINCE_KINDS, _l("省级调度人员"), _l("审核销号、退回整改、掌握全省进度"), "sitemap"),
    (Role.COORDINATOR, (), _l("区域协调人员"), _l("看全局、核验直辖市、督促落实"), "world"),
    (Role.ADMINISTRATOR, (), _l("系统管理员"), _l("查看定时任务、邮件和操作记录"), "settings"),
    (Role.READER, (), _l("查阅人员"), _l("只看不改：领导、审计"), "eye"),
)


def grouped(accounts: Sequence[DemoAccount]) -> list[Face]:
    """The accounts by face, in the order of FACES; faces that nobody has are left out."""
    left = list(accounts)
    result = []
    for role, kinds, title, hint, icon in FACES:
        mine = [each for each in left if each.role is role and (not kinds or each.kind in kinds)]
        left = [each for each in left if each not in mine]
        if mine:
            result.append(Face(title, hint, icon, tuple(mine[:SHOWN_AT_ONCE]), tuple(mine[SHOWN_AT_ONCE:])))
    return result
