"""The heating season in the registers: further works, what each month stood still, what the meter says, who decides.

Works follow their plans to the letter but for those of EXCEPT. Baoding, Shijiazhuang, Jinan and six more cities keep
registers; what the others say of the caps is in `winter`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, time, timedelta
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from seed.story.beats import on_or_after, working_days_later
from seed.story.cast import Cast
from seed.story.cities import draw
from seed.story.offpeak import FIRST, LAST, WORKS, Desk, Works, desks_of, register
from webapp.caps import deciding, filing
from webapp.caps.checks import StopDraft
from webapp.caps.facts import Window, month_window
from webapp.caps.models import CapEnterprise, CapFiling, CapLine, CapStop
from webapp.clock import add_months, local_instant

Act = Callable[[Session, Cast], None]

ALL = (FIRST, LAST, None)
REGISTERED_ON, EXEMPTED_ON, APPROVED_ON = date(2017, 10, 25), date(2017, 10, 26), date(2017, 11, 13)
NOVEMBER, DECEMBER = date(2017, 11, 1), date(2017, 12, 1)
SEASON = Window(FIRST, LAST)

MORE: tuple[Works, ...] = (
    Works("130100", "cement", "鹿泉建材有限公司", "鹿泉区", (("1号窑", 120, ALL), ("2号窑", 155, ALL))),
    Works("130100", "cement", "封龙山水泥有限公司", "元氏县", (("协同处置窑", 150, None),)),
    Works("130100", "pharma", "滨河制药有限公司", "高新区",
          (("发酵车间", 1, None), ("合成车间", 1, ALL), ("提取车间", 1, ALL))),
    Works("130600", "foundry", "清苑机械铸造有限公司", "清苑区", (("1号冲天炉", 4, ALL), ("2号冲天炉", 3, ALL))),
    Works("130600", "foundry", "定兴球墨铸管有限公司", "定兴县", (("1号冲天炉", 12, ALL), ("2号冲天炉", 8, ALL))),
    Works("130600", "brick", "易水新型墙材有限公司", "易县", (("隧道窑", 6_000, ALL),)),
    Works("370100", "brick", "平阴烧结砖厂", "平阴县", (("1号轮窑", 4_500, ALL), ("2号轮窑", 4_500, ALL))),
    Works("370100", "carbon", "历城炭素有限公司", "历城区",
          (("1号焙烧线", 1, ALL), ("2号焙烧线", 1, None)), meets_limits=True),
    Works("370300", "alumina", "鲁中氧化铝有限公司", "张店区",
          (("1号线", 1, ALL), ("2号线", 1, None), ("3号线", 1, None))),
    Works("410800", "alumina", "沁阳氧化铝有限公司", "沁阳市",
          (("1号线", 1, (FIRST, date(2018, 1, 13), None)), ("2号线", 1, (date(2018, 1, 14), LAST, None)),
           ("3号线", 1, None))),
    Works("410800", "carbon", "怀庆炭素有限公司", "博爱县", (("焙烧线", 1, ALL),), meets_limits=False),
    Works("371500", "aluminium", "聊河铝业有限公司", "茌平县", (("一系列", 300, (FIRST, LAST, 100)),)),
)  # fmt: skip
TASKS = {
    ("steel", None): "m10-steel-cap", ("cement", None): "m09-cement", ("foundry", None): "m09-foundry",
    ("brick", None): "m09-brick", ("aluminium", None): "m11-aluminium", ("alumina", None): "m11-alumina",
    ("pharma", None): "m11-pharma", ("carbon", False): "m11-carbon-failing", ("carbon", True): "m11-carbon-meeting",
}  # fmt: skip
# The duties these registers count: (organisation, task).
REGISTERED = frozenset((each.city, TASKS[each.sector, each.meets_limits]) for each in (*WORKS, *MORE))

# Stated as standing still, but the meter says otherwise; in December nobody has decided yet. For each how much it drew,
# as a share of a month without a stop.
EXCEPT: Mapping[tuple[str, str, date], Decimal] = {
    ("太行冶金有限公司", "1号高炉", NOVEMBER): Decimal("0.62"),
    ("聊河铝业有限公司", "一系列", NOVEMBER): Decimal("0.86"),
    ("滦河钢铁集团有限公司", "3号高炉", DECEMBER): Decimal("0.62"),
}
# Works that were told to state December and have not: the month counts as run through, and their city falls short.
SILENT = frozenset({("燕山冶炼有限公司", DECEMBER)})
# Works without a plan in October that filed one when the season began.
LATE_PLANS = {"紫山炼铁有限公司": "1号高炉"}
VERDICTS: Mapping[tuple[str, date], tuple[deciding.Verdict, str]] = {
    ("太行冶金有限公司", NOVEMBER): ("rejected", "现场调取生产记录，1号高炉11月下旬曾复产，当月停产不予认可。"),
    ("聊河铝业有限公司", NOVEMBER): ("confirmed", "停槽数已现场清点，多出的用电为保温和检修。"),
}


def register_more(session: Session, cast: Cast) -> None:
    """Ten days after the first registers the others follow, with their plans; the last steel works file theirs."""
    register(session, cast, MORE, REGISTERED_ON)
    for enterprise, desk in _registered(session, cast):
        wanted = LATE_PLANS.get(enterprise.name)
        stops = [StopDraft(line.id, FIRST, LAST) for line in _lines(session, enterprise) if line.name == wanted]
        if wanted:
            at = local_instant(REGISTERED_ON, time(16, 20))
            filing.file_plan(session, desk.scope, enterprise, stops, actor=desk.officer, now=at, revision=0)


def exempt(session: Session, cast: Cast) -> None:
    """A kiln that burns the city's waste: its highest load was filed with the city in September."""
    enterprise, desk = _named(session, cast, "封龙山水泥有限公司")
    deciding.exempt(
        session, desk.scope, enterprise, ground="livelihood", line_id=None, dated=date(2017, 9, 28),
        max_load=Decimal("0.6"), document="石政函〔2017〕61号", note="承担城区生活垃圾和污泥协同处置。",
        actor=desk.officer, now=local_instant(EXEMPTED_ON, time(10, 15)),
    )  # fmt: skip


def approve(session: Session, cast: Cast) -> None:
    """The province lets one step of a pharmaceutical works run, because its drug has no other maker."""
    enterprise, desk = _named(session, cast, "滨河制药有限公司")
    line = next(each for each in _lines(session, enterprise) if each.name == "发酵车间")
    deciding.exempt(
        session, desk.scope, enterprise, ground="approval", line_id=line.id, dated=date(2017, 11, 10), max_load=None,
        document="冀政办〔2017〕82号", note="临床短缺药品，经省政府批准。", actor=desk.reviewer,
        now=local_instant(APPROVED_ON, time(11, 5)),
    )  # fmt: skip


def state(session: Session, cast: Cast, month: date) -> None:
    """Each works states a month, by its city's officer, soon after it is over."""
    window = month_window(month).meet(SEASON)
    assert window is not None
    for number, (enterprise, desk) in enumerate(_registered(session, cast)):
        if (enterprise.name, month) in SILENT:
            continue
        at = local_instant(_stated_on(month), time(9, 30)) + timedelta(minutes=number * 11)
        stops, power = _month(session, enterprise, month, window)
        filing.state_month(
            session, desk.scope, enterprise, month, stops, power=power, through=None, actor=desk.officer, now=at,
            revision=0,
        )  # fmt: skip


def _stated_on(month: date) -> date:
    return working_days_later(on_or_after(add_months(month, 1)), 1)


def _month(
    session: Session, enterprise: CapEnterprise, month: date, window: Window
) -> tuple[list[StopDraft], dict[int, Decimal | None]]:
    """What stood still by the plan, and what each line drew: a twelfth of a running day's while it stands."""
    stops: list[StopDraft] = []
    power: dict[int, Decimal | None] = {}
    planned = _planned(session, enterprise)
    for line in _lines(session, enterprise):
        stood = Decimal(0)
        for stop in (each for each in planned if each.line_id == line.id):
            days = Window(stop.starts_on, stop.ends_on).meet(window)
            if days:
                stops.append(StopDraft(line.id, days.first, days.last, stop.units))
                stood += days.days * ((stop.units or line.capacity) / line.capacity)
        power[line.id] = _drawn(enterprise, line, month, window.days, stood)
    return stops, power


def _drawn(enterprise: CapEnterprise, line: CapLine, month: date, days: int, stood: Decimal) -> Decimal:
    assert line.baseline is not None
    drew = EXCEPT.get((enterprise.name, line.name, month))
    chance = draw(enterprise.name, line.name, month.isoformat())
    running = days - stood + stood * Decimal(chance.randint(6, 10)) / 100
    whole = days * drew if drew else running * Decimal(chance.randint(94, 100)) / 100
    return (line.baseline * whole).quantize(Decimal(1))


def decide(session: Session, cast: Cast, month: date) -> None:
    """The provinces say what they found where the meter contradicted a statement of a month."""
    for (name, of), (verdict, reason) in VERDICTS.items():
        if of != month:
            continue
        enterprise, desk = _named(session, cast, name)
        query = select(CapFiling).where(CapFiling.enterprise_id == enterprise.id, CapFiling.month == month)
        statement = session.scalars(query.where(CapFiling.kind == "month")).one()
        line = next(each for each in _lines(session, enterprise) if (name, each.name, month) in EXCEPT)
        deciding.decide(
            session, desk.scope, enterprise, filing_id=statement.id, line_id=line.id, verdict=verdict, reason=reason,
            actor=desk.reviewer, now=local_instant(working_days_later(_stated_on(month), 4), time(15, 30)),
        )  # fmt: skip


def _registered(session: Session, cast: Cast) -> Iterator[tuple[CapEnterprise, Desk]]:
    desks = desks_of(session, cast, {each.city for each in (*WORKS, *MORE)})
    by_id = {desk.scope.organisation.id: desk for desk in desks.values()}
    for enterprise in session.scalars(select(CapEnterprise).order_by(CapEnterprise.id)):
        yield enterprise, by_id[enterprise.organisation_id]


def _named(session: Session, cast: Cast, name: str) -> tuple[CapEnterprise, Desk]:
    return next(found for found in _registered(session, cast) if found[0].name == name)


def _lines(session: Session, enterprise: CapEnterprise) -> Sequence[CapLine]:
    return session.scalars(select(CapLine).where(CapLine.enterprise_id == enterprise.id).order_by(CapLine.id)).all()


def _planned(session: Session, enterprise: CapEnterprise) -> Sequence[CapStop]:
    query = (
        select(CapStop)
        .join(CapFiling, CapFiling.id == CapStop.filing_id)
        .where(CapFiling.enterprise_id == enterprise.id, CapFiling.kind == "plan")
    )
    return session.scalars(query.order_by(CapStop.id)).all()


def _states(month: date) -> Act:
    return lambda session, cast: state(session, cast, month)


def _decides(month: date) -> Act:
    return lambda session, cast: decide(session, cast, month)


EVENTS: Mapping[date, Act] = {
    REGISTERED_ON: register_more,
    EXEMPTED_ON: exempt,
    APPROVED_ON: approve,
    _stated_on(NOVEMBER): _states(NOVEMBER),
    working_days_later(_stated_on(NOVEMBER), 4): _decides(NOVEMBER),
    _stated_on(DECEMBER): _states(DECEMBER),
}
