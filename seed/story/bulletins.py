"""The bulletins of the story: the region publishes a month a few working days after its reports were due.

By then the province's reviews are through for the most part. September's has remarks but is not published yet when the
demo opens, nor is the third quarter's report upward; the first two quarters' are.
"""

from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from seed.story.beats import LAST_DAY, working_days_later
from seed.story.cast import Cast
from webapp.bulletins import service
from webapp.bulletins.rules import Kind, quarter_code
from webapp.clock import local_date, local_instant
from webapp.plans.models import Plan
from webapp.ranking import service as ranking

# Working days after the reports' legal date: three for the review, what was returned comes back, and a day to write.
AFTER = 6
WRITTEN_AT, PUBLISHED_AT = time(9, 40), time(15, 20)
EDITOR, PUBLISHER = "region-2", "region"
# The month whose document is still a draft at the end.
UNPUBLISHED = date(2017, 9, 1)
# The second story's: its reports are in, its remarks are written a few days before the story ends.
WINTER_DRAFT = date(2017, 12, 1)

# From this month on the ranking is published with the bulletin.
RANKED_FROM = date(2017, 8, 1)

# What the region asks for, in both languages, by the month reported on.
REMARKS: dict[date, tuple[tuple[str, ...], tuple[str, ...]]] = {
    date(2017, 2, 1): (
        (
            "一是尚未制定年度实施方案的城市，须在3月底前印发并报备。",
            "二是各地要尽快完成任务分解，逐项明确责任单位和完成时限。",
        ),
        (
            "Cities without an implementation plan of their own issue and file it by the end of March.",
            "Every task is given to a responsible body with a date.",
        ),
    ),
    date(2017, 3, 1): (
        (
            "一是锅炉和散煤底数不清的城市，要在4月底前完成核查并建立台账。",
            "二是月报数字须与台账一致，审核中将抽查。",
        ),
        (
            "Cities that do not know their boilers and coal users finish the count by the end of April.",
            "Figures of the report must agree with the ledgers; reviews take samples.",
        ),
    ),
    date(2017, 4, 1): (
        (
            "一是“小散乱污”企业清理要边排查边整治，不得等名单齐全后再动手。",
            "二是迟报、漏报的单位要说明原因。",
        ),
        (
            "Scattered polluters are dealt with as they are found, not when the lists are complete.",
            "Whoever reports late or not at all gives the reason.",
        ),
    ),
    date(2017, 5, 1): (
        (
            "一是进入汛期前，扬尘整治任务要集中推进。",
            "二是清洁取暖工程要抓住施工期，倒排工期。",
        ),
        (
            "Dust is brought under control before the rains.",
            "Heating works use the building season and are planned backwards.",
        ),
    ),
    date(2017, 6, 1): (
        (
            "一是上半年未达到序时进度的任务，7月底前要有实质进展。",
            "二是各省要对滞后城市开展现场督导。",
        ),
        (
            "Tasks behind pace at mid-year show real progress by the end of July.",
            "Provinces visit the cities that are behind.",
        ),
    ),
    date(2017, 7, 1): (
        (
            "一是10月底到期的任务集中，各地要逐项排出工期，按周调度。",
            "二是更正数据的，须同时说明核查过程。",
        ),
        (
            "Many tasks fall due at the end of October: each gets a schedule and is looked at weekly.",
            "Whoever corrects figures explains how they were checked.",
        ),
    ),
    date(2017, 8, 1): (
        (
            "一是距10月底还有两个月，小燃煤锅炉淘汰滞后的城市要倒排工期、挂图作战。",
            "二是采暖季错峰生产方案须在9月底前报备。",
        ),
        (
            "Two months are left until the end of October: cities behind with small boilers plan each week until then.",
            "Plans for staggered production in the heating season are filed by the end of September.",
        ),
    ),
    UNPUBLISHED: (
        (
            "一是10月31日到期的任务，各地须在10月25日前完成自查，确不能按期完成的逐项说明。",
            "二是邯郸市尚未报送9月月报，请河北省督促立即补报。",
        ),
        (
            "Whatever falls due on 31 October is checked by the 25th; what cannot be finished is explained one by one.",
            "Handan has not reported on September yet: Hebei sees to it at once.",
        ),
    ),
    date(2017, 10, 1): (
        (
            "一是10月31日到期未完成的任务，逐项说明原因并明确完成时限。",
            "二是采暖季自11月15日开始，错峰生产计划未备案的企业须立即补报。",
        ),
        (
            "What fell due on 31 October and is not finished is explained one by one, with a date.",
            "The heating season begins on 15 November: works without a filed plan file it at once.",
        ),
    ),
    date(2017, 11, 1): (
        (
            "一是错峰生产实绩与用电量不符的，由省级逐线核实。",
            "二是遥感监测设备年底前全部建成联网。",
        ),
        (
            "Where the meter contradicts what was stated, the province looks at each line.",
            "Remote-sensing devices are installed and connected by the end of the year.",
        ),
    ),
    WINTER_DRAFT: (
        (
            "一是停产比例不足的城市，1月底前调整错峰计划补足。",
            "二是春节前后加密巡查，防止已取缔企业和散煤反弹。",
        ),
        (
            "Cities short of their share change their plans by the end of January and make it up.",
            "Patrols are doubled around Spring Festival, so that what was closed stays closed.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class BulletinBeat:
    """The region writes remarks on a month at `at` and publishes it, or does one of the two alone."""

    at: datetime
    by: str
    act: str
    month: date


def beat(month: date, due: date, until: date = LAST_DAY) -> BulletinBeat | None:
    """What happens to a month's bulletin whose reports are due on a day; None after the end of the story."""
    if month == WINTER_DRAFT:
        return BulletinBeat(local_instant(working_days_later(due, 3), WRITTEN_AT), EDITOR, "remark", month)
    day = working_days_later(due, AFTER)
    if day > until:
        return None
    if month == UNPUBLISHED:
        return BulletinBeat(local_instant(day, WRITTEN_AT), EDITOR, "remark", month)
    return BulletinBeat(local_instant(day, PUBLISHED_AT), PUBLISHER, "publish", month)


def left_over() -> BulletinBeat:
    """September's, of which the first story leaves the draft: published when its last report is in."""
    return BulletinBeat(local_instant(date(2017, 10, 26), PUBLISHED_AT), PUBLISHER, "issue", UNPUBLISHED)


def perform(session: Session, plan: Plan, cast: Cast, happens: BulletinBeat) -> None:
    """Write the remarks and, but for the last month, publish; at a quarter's end the report upward too."""
    if happens.act != "issue":
        _write(session, plan, cast, happens, "bulletin", f"{happens.month:%Y-%m}")
    if happens.act == "remark":
        return
    _publish(session, plan, cast, happens, "bulletin", f"{happens.month:%Y-%m}")
    if happens.month >= RANKED_FROM:
        _rank(session, plan, cast, happens)
    if happens.month.month % 3 == 0:
        _publish(session, plan, cast, happens, "upward", quarter_code(happens.month))


def _rank(session: Session, plan: Plan, cast: Cast, happens: BulletinBeat) -> None:
    """The month's ranking goes out as known on its cut-off."""
    publisher = cast.actors[happens.by]
    found = ranking.draft(session, plan, happens.month, actor=publisher, now=happens.at)
    ranking.publish(
        session, plan, happens.month, sha256=found.sha256, reason="", actor=publisher, now=happens.at
    )  # fmt: skip


def _write(session: Session, plan: Plan, cast: Cast, happens: BulletinBeat, kind: Kind, code: str) -> None:
    zh, en = ("\n".join(lines) for lines in REMARKS[happens.month])
    at = local_instant(local_date(happens.at), WRITTEN_AT)
    period = service.get_period(session, plan, kind, code)
    service.save_remarks(session, plan, period, zh=zh, en=en, version=0, actor=cast.actors[EDITOR], now=at)


def _publish(session: Session, plan: Plan, cast: Cast, happens: BulletinBeat, kind: Kind, code: str) -> None:
    period = service.get_period(session, plan, kind, code)
    prepared = service.prepare(session, plan, period, now=happens.at)
    service.release(session, plan, period, prepared, actor=cast.actors[happens.by], now=happens.at)
