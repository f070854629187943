"""Words of the acts on many rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.bulk.rules import REMIND, RETURN, VERIFY


@dataclass(frozen=True, slots=True)
class Words:
    """What one act is called on its pages: the heading, the button, what follows, and the reason's label and hint."""

    title: Any
    button: Any
    follows: Any
    done: Any
    reason: Any
    hint: Any
    icon: str
    tone: str = "primary"


WORDS: Mapping[str, Words] = {
    VERIFY: Words(
        title=_l("批量办结销号"),
        button=_l("确认办结销号"),
        follows=_l("以自报完成数作为核实数，计入办结率，并分别邮件告知承办人员。核实数不同的，请逐项审核。"),
        done=_l("已办结销号"),
        reason=_l("说明"),
        hint=_l("写给每一项的同一句话，会记入历史。"),
        icon="check",
    ),
    RETURN: Words(
        title=_l("批量退回整改"),
        button=_l("确认退回整改"),
        follows=_l("每一项都以同一理由退回，并分别邮件告知承办人员；整改后可重新申请。"),
        done=_l("已退回整改"),
        reason=_l("退回的理由"),
        hint=_l("对下列每一项都适用的理由；各项理由不同的，请逐项审核。"),
        icon="arrow-back-up",
        tone="danger",
    ),
    REMIND: Words(
        title=_l("立即催办"),
        button=_l("确认催办"),
        follows=_l("承办人员每人收到一封邮件，列出归其办理的全部事项；夜间等到早上发出。退订了提醒邮件的人员只在系统内看到。同一事项每个工作日最多催办一次。"),
        done=_l("已催办"),
        reason=_l("给承办人员的话"),
        hint=_l("写在邮件开头，最多 200 个字。"),
        icon="bell",
    ),
}  # fmt: skip
