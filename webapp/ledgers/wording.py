"""Words of the ledgers' pages: what happened to a row, and the state it is in."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from webapp.i18n import moment, pick
from webapp.ledgers.kinds import Kind
from webapp.ledgers.models import LedgerRow
from webapp.ledgers.queries import Told
from webapp.ledgers.values import shown
from webapp.progress.history import file_link

TITLES: dict[str, Any] = {
    "list": _l("列入台账"), "edit": lazy_pgettext("ledger", "修改"), "finish": _l("标记完成"), "undo": _l("撤回完成"),
    "remove": _l("移出台账"), "restore": _l("恢复列入"), "check_pass": _l("现场抽查：合格"),
    "check_fail": _l("现场抽查：不合格"), "verify": _l("验收销号"), "send_back": _l("退回整改"),
    "reopen": _l("回头看，重新打开"),
}  # fmt: skip
TONES = {
    "finish": "blue", "verify": "green", "check_pass": "green", "check_fail": "amber", "send_back": "amber",
    "reopen": "amber", "remove": "amber",
}  # fmt: skip
SAID: dict[str, Any] = {
    "finish": _l("已标记完成"), "undo": _l("已撤回完成"), "remove": _l("已移出台账"), "restore": _l("已恢复列入"),
    "reopen": _l("已重新打开"),
}  # fmt: skip
MOMENTS = {"before": _l("改前"), "after": _l("改后")}
SAMPLES: dict[str, Any] = {
    "open": _l("进行中"), "passed": _l("通过"), "failed": _l("退回"), "revoked": lazy_pgettext("ledger", "已撤销"),
}  # fmt: skip
SAMPLE_TONES = {"open": "blue", "passed": "green", "failed": "amber", "revoked": "grey"}
STATE_TONES = {"listed": "line", "done": "blue", "verified": "green", "removed": "grey"}


def history(told: Iterable[Told], kind: Kind) -> list[dict[str, Any]]:
    """A row's history as the timeline macro wants it, the newest first."""
    return [_item(each, kind) for each in told]


def _item(told: Told, kind: Kind) -> dict[str, Any]:
    event = told.event
    return {
        "at": moment(event.recorded_at),
        "who": event.actor_label,
        "title": _title(told),
        "body": "\n".join([*_changed(told, kind), *([_("理由：%(text)s", text=event.reason)] if event.reason else [])]),
        "tone": TONES.get(event.action, "grey"),
        "files": [
            {**file_link(file), "name": f"{MOMENTS[when]} {file.filename}" if when == "before" else file.filename}
            for file, when in told.files
        ],
    }


def _title(told: Told) -> str:
    event = told.event
    title = str(TITLES[event.action])
    if event.action == "list" and event.import_id:
        return _("%(title)s（表格导入）", title=title)
    return _("%(title)s（抽查）", title=title) if event.sample_id and event.action == "verify" else title


def _changed(told: Told, kind: Kind) -> list[str]:
    if told.event.action == "list":
        return []
    lines = []
    for code, (old, new) in told.event.changes.items():
        field = kind.by_code.get(code)
        if field is not None:
            before, after = shown(field, old) or _("（空）"), shown(field, new) or _("（空）")
            lines.append(_("%(label)s：%(old)s → %(new)s", label=pick(field, "label"), old=before, new=after))
    return lines


def state_of(row: LedgerRow) -> str:
    """A row's state in a word; a verified one says how."""
    if row.state == "verified":
        return str(_l("抽查通过") if row.verified_how == "sample" else _l("现场核实"))
    return {"listed": str(_l("未完成")), "done": str(_l("已完成")), "removed": str(_l("已移出"))}[row.state]
