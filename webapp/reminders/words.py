"""Names that pages, mails and messages give to the rules."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

LADDERS: Mapping[str, Any] = {
    "assignment": _l("任务到期"),
    "report": _l("月报报送"),
    "review": _l("完成情况审核"),
    "na_claim": _l("不涉及申请审核"),
    "returned": _l("退回整改"),
    "silence": _l("未更新进展"),
    "season_start": _l("季节性任务开始"),
    "cap_check": _l("错峰限产每月核查"),
    "contact": _l("联系人备案"),
}


def ladder_name(name: str) -> str:
    """A ladder in words; one of a plan's own naming by its name."""
    return str(LADDERS.get(name, name))
