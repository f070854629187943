"""The monthly reports of the story: most in time, a few late, some returned once, one of September's still missing.

Cities file by their province's earlier date, provinces on the legal one when their cities are in (or name who is
missing), ministries and enterprises a light report.
"""

from collections.abc import Iterator
from datetime import date

from seed.story import correction
from seed.story.beats import LAST_DAY, ReportBeat, at_work, on_or_after, working_days_later
from seed.story.cast import Cast
from seed.story.cities import character, draw
from webapp.clock import add_months
from webapp.reports.models import MonthlyReport

FIRST_MONTH, LAST_MONTH = date(2017, 2, 1), date(2017, 9, 1)
# The last month of the second story.
WINTER_MONTH = date(2017, 12, 1)
# Not filed by the end of a story.
MISSING = frozenset({("130400", LAST_MONTH), ("410500", WINTER_MONTH)})
# Filed so many working days after the legal date.
LATE = {
    ("371700", LAST_MONTH): 1,
    ("140400", LAST_MONTH): 2,
    ("130400", date(2017, 7, 1)): 2,
    ("410500", date(2017, 5, 1)): 1,
    ("140000", date(2017, 8, 1)): 1,
    ("130400", date(2017, 10, 1)): 1,
    ("140400", date(2017, 11, 1)): 2,
    ("371700", WINTER_MONTH): 1,
}
# Returned on this month and not sent again yet.
STILL_RETURNED = frozenset({("410500", LAST_MONTH), ("140400", WINTER_MONTH), ("130600", WINTER_MONTH)})
# Waiting for the level above at the end.
STILL_WAITING = frozenset({
    ("131100", LAST_MONTH), ("130500", LAST_MONTH), ("410200", LAST_MONTH),
    ("130200", WINTER_MONTH), ("130500", WINTER_MONTH), ("410800", WINTER_MONTH),
})  # fmt: skip

REMARKS = (
    "本月各项任务总体按计划推进，重点完成情况见任务明细。",
    "本月组织开展两轮督导检查，交办问题均已列入台账。",
    "本月召开专题调度会一次，对进度滞后的县区进行了通报。",
    "各项年度任务按序时进度推进，采暖季错峰方案正在编制。",
)
WINTER_REMARKS = (
    "采暖季各项措施按方案执行，错峰生产企业逐月核对用电量。",
    "本月启动重污染天气应急响应一次，减排措施逐家落实。",
    "到期任务已基本完成，剩余事项逐项销号。",
)
PROBLEMS = (
    "部分替代热源管网施工进度偏慢，需省级协调施工许可。",
    "配套资金缺口较大，建议加大省级支持力度。",
    "部分企业治理设施供货周期较长，存在延期风险。",
)
RETURNED = (
    "散煤治理户数与上月相比变化较大，请核实并说明。",
    "存在问题一栏过于笼统，请写明县区和原因。",
    "个别任务两个月没有更新，请补充进展后再报。",
)
# A return of single lines says what is wrong with each; the first also speaks for the whole.
LINE_REASONS = ("进度明显滞后，请写明原因和赶工安排。", "与台账数量不一致，请核对后重报。")
NOT_DONE_YET = "到期未完成，正在推进，完成后即时更新。"
WAITS_NO_LONGER = "上报期限已到，缺报城市已电话催报，其数据待报送后在下月月报中一并反映。"


def months() -> list[date]:
    """The months reported on within the story."""
    return [add_months(FIRST_MONTH, count) for count in range(8)]


def beats(report: MonthlyReport, cast: Cast, until: date = LAST_DAY) -> Iterator[ReportBeat]:
    """What happens to one report that was just opened, oldest first; nothing after `until`."""
    place, month = report.organisation.code, report.month
    if (place, month) in MISSING:
        return
    by, reviewer, chance = cast.files_for(place), cast.reviews_for(place), draw(place, month.isoformat(), "report")
    day = _filed_on(report, place)
    first, last = _hours(report, day)
    has_problems = chance.random() < 0.2 + character(place).trouble
    yield ReportBeat(
        at_work(day, chance, first=first, last=last), by, "submit", place, month,
        remark="" if report.light else chance.choice(WINTER_REMARKS if month > LAST_MONTH else REMARKS),
        problems=chance.choice(PROBLEMS) if has_problems and not report.light else "",
        waits_no_longer=WAITS_NO_LONGER,
    )  # fmt: skip
    yield from _decisions(place, month, by, reviewer, day, until)
    if (place, month) == (correction.PLACE, correction.MONTH):
        yield from correction.of_the_report(by, reviewer)


def _hours(report: MonthlyReport, day: date) -> tuple[int, int]:
    """Between which hours a report is filed: a province's last of all, when those of its cities are in."""
    if report.organisation.kind == "province":
        return 16, 18
    return 9, 12 if report.internal_due == day and report.internal_due_at else 16


def _filed_on(report: MonthlyReport, place: str) -> date:
    month = report.month
    if (place, month) in LATE:
        return working_days_later(report.due, LATE[place, month])
    chance = draw(place, month.isoformat(), "filed on")
    target = report.internal_due or report.due
    if report.organisation.kind == "province":
        return target
    # The first working day of the next month at the earliest: a month has to be over to be reported on.
    earliest = on_or_after(add_months(month, 1))
    if report.internal_due and chance.random() < character(place).trouble * 0.5:
        return report.due
    return max(earliest, working_days_later(target, -1) if chance.random() < 0.4 else target)


def _decisions(place: str, month: date, by: str, reviewer: str, filed: date, until: date) -> Iterator[ReportBeat]:
    chance = draw(place, month.isoformat(), "decided")
    decided = working_days_later(filed, chance.randint(1, 3))
    if (place, month) in STILL_WAITING or decided > until:
        return
    returned = (place, month) in STILL_RETURNED or chance.random() < character(place).returned * 0.6
    if not returned:
        yield ReportBeat(at_work(decided, chance), reviewer, "accept", place, month)
        return
    reason, lines = chance.choice(RETURNED), draw(place, month.isoformat(), "lines").choice((0, 0, 1, 2))
    yield ReportBeat(
        at_work(decided, chance), reviewer, "return", place, month, reason="" if lines else reason, lines=lines
    )
    again = working_days_later(decided, chance.randint(1, 3))
    accepted = working_days_later(again, 1)
    if (place, month) in STILL_RETURNED or accepted > until:
        return
    yield ReportBeat(
        at_work(again, chance), by, "submit", place, month, remark=chance.choice(REMARKS),
        waits_no_longer=WAITS_NO_LONGER,
    )  # fmt: skip
    yield ReportBeat(at_work(accepted, chance), reviewer, "accept", place, month)


def made_good(report: MonthlyReport, cast: Cast, since: date) -> Iterator[ReportBeat]:
    """How a report that the first story left open, returned or waiting comes to its end within a week."""
    place, month = report.organisation.code, report.month
    by, reviewer, chance = cast.files_for(place), cast.reviews_for(place), draw(place, month.isoformat(), "made good")
    filed, decided = working_days_later(since, 1), working_days_later(since, chance.randint(2, 4))
    if report.status != "submitted":
        yield ReportBeat(
            at_work(filed, chance, last=12), by, "submit", place, month, remark=chance.choice(REMARKS[:3]),
            waits_no_longer=WAITS_NO_LONGER,
        )  # fmt: skip
    yield ReportBeat(at_work(decided, chance), reviewer, "accept", place, month)
