"""Reminder rules in plain words: when a rung falls, whom it tells, what the date is that it counts from."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from webapp.reminders.ladder import KNOWN_LADDERS, WITHIN_LADDERS, Rules
from webapp.reminders.rungs import Audience, Ladder, Rung, Tell, Unit
from webapp.reminders.words import ladder_name

__all__ = ["ladder_name"]

REVIEWS = ("review", "na_claim")
KNOWN, WITHIN = KNOWN_LADDERS, WITHIN_LADDERS
UNITS: Mapping[str, Any] = {"before": _l("到期前若干天"), "after": _l("到期后第几个工作日"), "weekly": _l("此后每周")}
LANGUAGES: Mapping[str, Any] = {
    "person": _l("按收件人自己的语言"), "zh": _l("一律用中文"), "en": _l("一律用英文"),
}  # fmt: skip
TELLS: Mapping[Tell, Any] = {
    Tell.OFFICER: _l("承办人员"), Tell.DEPUTY: _l("副职"), Tell.COORDINATOR: _l("省级调度人员"),
    Tell.REGION: _l("区域调度人员"),
}  # fmt: skip
AUDIENCES: Mapping[Audience, Any] = {
    Audience.OFFICER: TELLS[Tell.OFFICER], Audience.DEPUTY: TELLS[Tell.DEPUTY], Audience.REVIEWER: _l("审核人员"),
    Audience.PROVINCE: TELLS[Tell.COORDINATOR], Audience.REGION: TELLS[Tell.REGION],
}  # fmt: skip
SETTINGS: Mapping[str, Any] = {
    "send_at": _l("发送时间"), "quiet": _l("免打扰时段"), "quiet_rest_days": _l("休息日免打扰"),
    "most_items": _l("一封邮件列出事项"), "language": _l("邮件语言"),
    "shift": _l("遇休息日"), "delivery": _l("发送方式"), "within": _l("办理时限"), "tasks": _l("适用任务"),
}  # fmt: skip


def of_reviewer(ladder: str) -> bool:
    """Whether the ladder reminds those who decide, not those who act."""
    return ladder in REVIEWS


def rung(ladder: str, each: Rung) -> str:
    """When a rung falls: "到期前 7 天", "到期后第 3 个工作日", "此后每周"."""
    if each.unit is Unit.DAYS_BEFORE:
        return _before(ladder, each.offset)
    if each.unit is Unit.WORKDAYS_AFTER:
        return _("到期后第 %(n)s 个工作日", n=each.offset)
    return _("此后第 %(n)s 周", n=each.offset) if each.offset else str(UNITS["weekly"])


def _before(ladder: str, days: int) -> str:
    if ladder == "season_start":
        return ngettext("开始前 %(num)s 天", "开始前 %(num)s 天", days) if days else _("开始当天")
    return ngettext("到期前 %(num)s 天", "到期前 %(num)s 天", days) if days else _("到期当天")


def rung_code(ladder: str, code: str) -> str:
    """The same for a rung as the ledger names it."""
    unit, _dash, offset = code.rpartition("-")
    return rung(ladder, Rung(Unit(unit), int(offset), ()))


def tell(ladder: str, told: Iterable[Tell]) -> str:
    """Whom a rung tells. Those who decide are told as reviewers; officers are not told of what is not theirs."""
    if not of_reviewer(ladder):
        return _("、").join(str(TELLS[each]) for each in told)
    reviewers = {Tell.COORDINATOR: AUDIENCES[Audience.REVIEWER], Tell.REGION: TELLS[Tell.REGION]}
    return _("、").join(str(reviewers[each]) for each in told if each in reviewers)


def may_tell(ladder: str | None, each: str) -> bool:
    """Whether a rung of the ladder can reach somebody in this capacity."""
    return not of_reviewer(ladder or "") or each in (Tell.COORDINATOR, Tell.REGION)


def audience(name: Audience) -> str:
    """In which capacity somebody is told."""
    return str(AUDIENCES[name])


def move(ladder: str) -> str:
    """Whose move it is."""
    return _("等待审核单位办理") if of_reviewer(ladder) else _("等待承办单位办理")


def counted_from(name: str, ladder: Ladder) -> str:
    """What the date is that a ladder's rungs are counted from."""
    if ladder.within is not None:
        return _within(name, ladder.within)
    words = {
        "assignment": _("到期日：任务的办理期限，有延期的按延期后的期限。"),
        "report": _("到期日：月报应报送之日；市级月报按上一级要求的日期。"),
        "silence": _("到期日：当月 1 日，上月起没有更新进展的任务合并提醒。"),
        "season_start": _("开始日：季节开始之日，同一单位的任务合并提醒。"),
        "cap_check": _(
            "到期日：当月最后一天，季节在当月结束的按季节最后一天；由错峰生产台账计算的任务，计划为采暖季开始前一天，"
            "实绩为次月报送之日。"
        ),
    }
    return words.get(name, _("到期日：任务的办理期限。这些任务按本阶梯提醒，不再按“任务到期”提醒。"))


def _within(name: str, days: int) -> str:
    if name == "review":
        return _("到期日：申请销号或报送月报之后第 %(n)s 个工作日。", n=days)
    if name == "na_claim":
        return _("到期日：申报不涉及之后第 %(n)s 个工作日。", n=days)
    return _("到期日：退回之后第 %(n)s 个工作日。", n=days)


def about(name: str, value: Any) -> str:
    """A setting of the rules or of a ladder, by its name and value."""
    if value is None:
        return "—"
    words = {
        "shift": lambda: _("到期前的提前到上一个工作日，每周的顺延到下一个工作日") if value else _("次工作日早晨告知"),
        "delivery": lambda: _("单独发送") if value == "at_once" else _("并入每日汇总"),
        "within": lambda: ngettext("%(num)s 个工作日", "%(num)s 个工作日", value),
        "tasks": lambda: _("、").join(value),
        "most_items": lambda: ngettext("最多 %(num)s 项", "最多 %(num)s 项", value),
        "language": lambda: str(LANGUAGES[value]),
        "quiet_rest_days": lambda: _("是") if value else _("否"),
        "send_at": lambda: _("工作日 %(time)s 起", time=f"{value:%H:%M}"),
    }
    return str(words[name]()) if name in words else str(value)


def quiet(rules: Rules) -> str:
    """The quiet hours, or that there are none."""
    if rules.quiet.begins == rules.quiet.ends:
        return _("没有")
    return f"{rules.quiet.begins:%H:%M}–{rules.quiet.ends:%H:%M}"


def settings(rules: Rules) -> list[tuple[str, str]]:
    """The general settings, each with its name."""
    found = {
        "send_at": about("send_at", rules.send_at),
        "quiet": quiet(rules),
        "quiet_rest_days": about("quiet_rest_days", rules.quiet.rest_days),
        "most_items": about("most_items", rules.most_items),
        "language": about("language", rules.language),
    }
    return [(str(SETTINGS[name]), words) for name, words in found.items()]


def not_reminded(rules: Rules) -> str:
    """The kinds of things nobody is reminded of."""
    return _("、").join(ladder_name(name) for name in KNOWN_LADDERS if name not in rules.ladders)


def change(code: str) -> str:
    """A difference as the audit record keeps it, in words; what is no code of ours as it is."""
    ladder, _colon, what = code.rpartition(": ")
    sign, name = what[:1], what[1:]
    if sign not in ("+", "-", "~"):
        setting = str(SETTINGS.get(what, what))
        return _("%(ladder)s：%(text)s", ladder=ladder_name(ladder), text=setting) if ladder else setting
    try:
        named = rung_code(ladder, name) if ladder else ladder_name(name)
    except ValueError:
        return code
    words = {"+": _("新增“%(what)s”", what=named), "-": _("删去“%(what)s”", what=named)}
    text = words.get(sign) or _("“%(what)s”改告知对象", what=named)
    return _("%(ladder)s：%(text)s", ladder=ladder_name(ladder), text=text) if ladder else text


def ladder_settings(ladder: Ladder) -> list[tuple[str, str]]:
    """What a ladder says besides its rungs and its tasks."""
    return [(str(SETTINGS[name]), about(name, getattr(ladder, name))) for name in ("shift", "delivery")]
