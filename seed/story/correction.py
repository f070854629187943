"""The one correction of the story: Dezhou finds in September that its July figure counted some workshops twice.

The recount speaks of July's last day, so that it changes July's figure; the accepted revision keeps the old one.
"""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time
from decimal import Decimal

from seed.story.beats import Beat, ReportBeat
from seed.story.figures import Item
from webapp.clock import local_instant

PLACE, TASK, MONTH = "371400", "m02-close-half", date(2017, 7, 1)
RECOUNTED = date(2017, 9, 1)
REASON = "市级核查发现两个县的名单重复统计“小散乱污”企业58家，7月数据予以核减。"
REMARK = "本次更正7月“小散乱污”企业清理数据，其余内容不变。"


def rewritten(item: Item, beats: Iterable[Beat], by: str) -> Iterator[Beat]:
    """The course of the duty: what was said of it in August gives way to the recount and what follows from it."""
    july, august = date(2017, 7, 31), date(2017, 8, 31)
    yield from (beat for beat in beats if not july < beat.at.date() <= date(2017, 9, 10))
    yield Beat(
        _at(RECOUNTED, 9, 42), by, "progress", item, quantity=Decimal("0.3521"), as_of=july, reason=REASON,
        note="按核查结果重新核定7月底完成数。", next_step="组织各县对照名单逐户复核。",
    )  # fmt: skip
    yield Beat(
        _at(date(2017, 9, 4), 9, 15), by, "progress", item, quantity=Decimal("0.4298"), as_of=august,
        note="8月清理取缔按复核后的名单统计。", next_step="继续清理剩余点位，同步推进回头看。",
    )  # fmt: skip


def of_the_report(by: str, reviewer: str) -> Iterator[ReportBeat]:
    """The accepted report is opened again, submitted with the reason and accepted again."""
    yield ReportBeat(_at(RECOUNTED, 10, 20), by, "correct", PLACE, MONTH, reason=REASON)
    yield ReportBeat(_at(RECOUNTED, 15, 5), by, "submit", PLACE, MONTH, remark=REMARK)
    yield ReportBeat(_at(date(2017, 9, 4), 10, 48), reviewer, "accept", PLACE, MONTH, reason="更正依据充分，同意。")


def _at(day: date, hour: int, minute: int) -> datetime:
    return local_instant(day, time(hour, minute))
