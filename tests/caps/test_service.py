"""The register's writer: who may file what, what follows for the city's duty, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tests.caps.worked import d
from tests.caps.works import (
    APRIL,
    DECEMBER,
    HEBEI,
    JANUARY,
    OCTOBER,
    STEEL,
    TANGSHAN,
    city,
    coordinator,
    furnace,
    month,
    off,
    officer,
    plan,
    scope,
    standing,
    where_of,
    works,
)
from tests.support.plans import assignment, person
from webapp.audit.models import AuditEvent
from webapp.caps import deciding, service
from webapp.caps.checks import EnterpriseDraft, LineDraft
from webapp.caps.feeding import recount
from webapp.caps.models import CapChange, CapEnterprise, CapFiling, CapLine, CapVerdict
from webapp.clock import local_date, parse_instant
from webapp.db import Database
from webapp.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from webapp.permissions import Role
from webapp.plans.models import Season
from webapp.progress.models import ProgressUpdate
from webapp.progress.service import decide as decide_claim
from webapp.progress.service import record_update

NOVEMBER_MONTH, DECEMBER_MONTH = date(2017, 11, 1), date(2017, 12, 1)


def duty(session: Session, task: str = STEEL, code: str = TANGSHAN) -> Any:
    session.flush()
    session.expire_all()
    return assignment(session, task, code)


def two_furnaces(session: Session) -> tuple[Any, Any, Any]:
    made = works(session)
    return made, furnace(session, made), furnace(session, made, "2号高炉")


def test_what_is_stated_becomes_the_figure_of_the_duty(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    assert duty(session).counted
    assert duty(session).claimed is None
    plan(session, made, off(one, "11-15", "3-15"))
    month(session, made, NOVEMBER_MONTH, off(one, "11-15", "11-30"), power={one.id: Decimal(4000)}, now=DECEMBER)
    row = duty(session)
    assert (row.claimed, row.status, row.light, row.as_of) == (
        Decimal("0.5"),
        "in_progress",
        "green",
        local_date(DECEMBER),
    )
    update = session.scalars(select(ProgressUpdate)).one()
    assert (update.counted, update.quantity, update.actor_id) == (True, Decimal("0.5"), 7)
    month(session, made, DECEMBER_MONTH, power={}, now=JANUARY)
    # 16 of 47 days of one of two furnaces: 1600 / 9400.
    assert duty(session).claimed == Decimal("0.1702")
    assert duty(session).light == "red"


def test_a_figure_that_is_counted_is_not_typed(session: Session) -> None:
    two_furnaces(session)
    row = duty(session)
    with pytest.raises(Invalid):
        record_update(session, row, actor=officer(session), now=JANUARY, kind="progress", as_of=local_date(JANUARY),
                      version=row.version, quantity=Decimal("0.5"))  # fmt: skip


def test_a_city_without_lines_types_its_figure(session: Session) -> None:
    works(session)
    row = duty(session)
    assert not row.counted
    record_update(session, row, actor=officer(session), now=JANUARY, kind="progress", as_of=local_date(JANUARY),
                  version=row.version, quantity=Decimal("0.5"))  # fmt: skip


def test_a_line_that_goes_before_the_season_leaves_the_figure_to_be_typed_again(session: Session) -> None:
    made = works(session)
    one = furnace(session, made)
    assert duty(session).counted
    draft = LineDraft(one.name, one.kind, one.capacity, one.baseline, closed_on=date(2017, 9, 1))
    service.change_line(session, scope(session), made, one, draft, actor=officer(session), now=OCTOBER,
                        version=one.version, reason="化解产能时已拆除")  # fmt: skip
    assert not duty(session).counted


def test_not_applicable_lapses_when_a_line_appears(session: Session) -> None:
    made = works(session, "丙铝业", "aluminium")
    row = duty(session, "m11-aluminium")
    record_update(session, row, actor=officer(session), now=OCTOBER, kind="na_claim", as_of=local_date(OCTOBER),
                  version=row.version, reason="没有电解铝企业")  # fmt: skip
    row = duty(session, "m11-aluminium")
    decide_claim(session, row, actor=coordinator(session), now=OCTOBER, decision="na_accept", version=row.version)
    assert duty(session, "m11-aluminium").status == "not_applicable"
    furnace(session, made, "一系列", kind="potline", capacity=Decimal(200))
    assert duty(session, "m11-aluminium").status == "returned"
    assert duty(session, "m11-aluminium").counted


def test_aluminium_is_bound_works_by_works(session: Session) -> None:
    made = [works(session, name, "aluminium") for name in ("甲铝业", "乙铝业")]
    rows = [furnace(session, each, "一系列", kind="potline", capacity=Decimal(200)) for each in made]
    for each, row, pots in zip(made, rows, (100, 40), strict=True):
        plan(session, each, off(row, "11-15", "3-15", pots))
        month(session, each, NOVEMBER_MONTH, off(row, "11-15", "11-30", pots), power={row.id: Decimal(1)}, now=DECEMBER)
    assert duty(session, "m11-aluminium").claimed == Decimal("0.2")
    found = city(session, made, DECEMBER)[0]
    assert [(each.standing.share, each.light.reason) for each in found.entries] == [
        (Decimal("0.5"), "kept"), (Decimal("0.2"), "plan_below_cap"),
    ]  # fmt: skip
    assert found.light.colour == "yellow"


def test_carbon_falls_under_one_of_two_caps(session: Session) -> None:
    good, poor = works(session, "甲炭素", "carbon", meets_limits=True), works(session, "乙炭素", "carbon")
    for each in (good, poor):
        line = furnace(session, each, "1号线", kind="line", capacity=Decimal(9))
        assert line.capacity == 1
    found = {
        each.rule.code: [e.entry.enterprise.name for e in each.entries] for each in city(session, [good, poor], OCTOBER)
    }
    assert found == {"carbon-meeting": ["甲炭素"], "carbon-failing": ["乙炭素"]}
    assert duty(session, "m11-carbon-failing").counted
    assert duty(session, "m11-carbon-meeting").counted


def test_an_electric_furnace_is_not_asked_to_rest(session: Session) -> None:
    made = works(session, "甲铸造", "foundry")
    furnace(session, made, "中频炉", kind="electric")
    assert not duty(session, "m09-foundry").counted
    assert standing(session, made, OCTOBER).light.reason == "nothing_asked"


def test_a_plan_is_mended_by_another_revision_with_a_reason(session: Session) -> None:
    made, one, two = two_furnaces(session)
    plan(session, made, off(one, "11-15", "3-15"))
    with pytest.raises(Invalid):
        plan(session, made, off(two, "11-15", "3-15"), revision=1)
    with pytest.raises(Stale):
        plan(session, made, off(two, "11-15", "3-15"), revision=0, note="晚了一步")
    plan(session, made, off(two, "1-1", "3-15"), revision=1, note="2号检修", now=JANUARY)
    facts = {line.key: line for line in standing(session, made, JANUARY).facts}
    assert [len(each.stops) for each in facts[one.id].plans] == [1, 0]
    # To 3 January held against the first plan, from then on against the second: 49 + 72 days of one furnace.
    assert standing(session, made, JANUARY).standing.whole.planned == 100 * (49 + 72)


def test_a_plan_filed_twice_on_a_day_holds_as_mended(session: Session) -> None:
    made, one, two = two_furnaces(session)
    plan(session, made, off(one, "11-15", "3-15"))
    plan(session, made, off(two, "11-15", "3-14"), revision=1, note="填错了线")
    assert standing(session, made, OCTOBER).standing.whole.planned == 100 * 120


BAD_PLANS = [
    pytest.param(("11-14", "3-15", None), id="before the season"),
    pytest.param(("11-15", "3-16", None), id="after the season"),
    pytest.param(("2-1", "1-1", None), id="backwards"),
    pytest.param(("11-15", "3-15", 50), id="a part of a furnace"),
]


@pytest.mark.parametrize("given", BAD_PLANS)
def test_a_bad_plan_is_refused_and_nothing_kept(session: Session, given: Any) -> None:
    made, one, _two = two_furnaces(session)
    with pytest.raises(Invalid):
        plan(session, made, off(one, *given))
    assert session.scalar(select(func.count(CapFiling.id))) == 0


def test_what_a_month_may_not_state(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    power = {one.id: Decimal(100)}
    for first, stops, given, error in (
        (date(2017, 10, 1), (), {}, Conflict),
        (date(2018, 2, 1), (), {}, Conflict),
        (date(2018, 1, 1), (off(one, "1-1", "1-3"),), {"power": power}, Invalid),
        (date(2018, 1, 1), (off(one, "1-1", "1-4"),), {"power": power, "through": d("1-3")}, Invalid),
        (DECEMBER_MONTH, (off(one, "11-30", "12-31"),), {"power": power}, Invalid),
        (DECEMBER_MONTH, (off(one, "12-1", "12-31"),), {"power": {}}, Invalid),
        (DECEMBER_MONTH, (off(one, "12-1", "12-31"),), {"power": {one.id: Decimal(-1)}}, Invalid),
    ):
        with pytest.raises(error):
            month(session, made, first, *stops, **given)
    month(session, made, date(2018, 1, 1), off(one, "1-1", "1-3"), power=power, through=d("1-3"))
    assert standing(session, made, JANUARY).standing.through == d("1-3")


def test_statement_and_meter_disagree_until_a_person_decides(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    plan(session, made, off(one, "11-15", "3-15"))
    said = month(
        session, made, NOVEMBER_MONTH, off(one, "11-15", "11-30"), power={one.id: Decimal(32000)}, now=DECEMBER
    )
    assert standing(session, made, DECEMBER).light.reason == "suspect"
    assert duty(session).claimed == 0
    given: dict[str, Any] = {"filing_id": said.id, "line_id": one.id, "reason": "现场检查：电炉用电", "now": DECEMBER}
    with pytest.raises(Forbidden):
        deciding.decide(session, scope(session), made, verdict="confirmed", actor=officer(session), **given)
    blank = given | {"reason": " "}
    with pytest.raises(Invalid):
        deciding.decide(session, scope(session), made, verdict="confirmed", actor=coordinator(session), **blank)
    first = deciding.decide(session, scope(session), made, verdict="confirmed", actor=coordinator(session), **given)
    assert duty(session).claimed == Decimal("0.5")
    # Two at once: the second was made without the first in view.
    with pytest.raises(Stale):
        deciding.decide(session, scope(session), made, verdict="rejected", actor=coordinator(session), **given)
    given["after"] = first.id
    deciding.decide(session, scope(session), made, verdict="rejected", actor=coordinator(session), **given)
    assert duty(session).claimed == 0
    assert session.scalar(select(func.count(CapVerdict.id))) == 2
    # Stated anew, with another meter: the old verdict says nothing about it.
    month(session, made, NOVEMBER_MONTH, off(one, "11-15", "11-30"), power={one.id: Decimal(3000)}, now=DECEMBER,
          revision=1, note="抄表错误")  # fmt: skip
    assert duty(session).claimed == Decimal("0.5")
    with pytest.raises(Conflict):
        deciding.decide(session, scope(session), made, verdict="rejected", actor=coordinator(session), **given)


def test_basic_needs_are_outside_the_base_from_the_day_they_were_filed(session: Session) -> None:
    made = works(session, "甲水泥", "cement")
    one = furnace(session, made, "1号窑", kind="kiln")
    furnace(session, made, "2号窑", kind="kiln")
    given: dict[str, Any] = {"ground": "livelihood", "max_load": Decimal("0.4"), "document": "唐环备〔2017〕8号"}
    row = deciding.exempt(session, scope(session), made, line_id=one.id, dated=date(2017, 9, 28),
                          actor=officer(session), now=OCTOBER, **given)  # fmt: skip
    assert standing(session, made, OCTOBER).standing.whole.base == 12100
    deciding.end_exemption(session, scope(session), made, row.id, dated=d("12-1"), reason="供暖改由热电厂承担",
                         actor=officer(session), now=DECEMBER)  # fmt: skip
    assert standing(session, made, DECEMBER).standing.whole.base == 12100 + 100 * 105
    with pytest.raises(Conflict):
        deciding.end_exemption(session, scope(session), made, row.id, dated=d("12-2"), reason="再次",
                             actor=officer(session), now=DECEMBER)  # fmt: skip
    deciding.exempt(
        session, scope(session), made, line_id=None, dated=d("12-2"), actor=officer(session), now=DECEMBER, **given
    )
    # Filed late: 1 to 2 days are owed, the rest is not.
    assert standing(session, made, DECEMBER).standing.whole.base == 100 + 100 * 17


def test_only_the_province_approves_what_must_run(session: Session) -> None:
    made = works(session, "甲制药", "pharma")
    furnace(session, made, "合成工序", kind="step")
    given: dict[str, Any] = {"ground": "approval", "max_load": None, "document": "冀政字〔2017〕1号", "line_id": None}
    with pytest.raises(Forbidden):
        deciding.exempt(
            session, scope(session), made, dated=date(2017, 10, 1), actor=officer(session), now=OCTOBER, **given
        )
    deciding.exempt(
        session, scope(session), made, dated=date(2017, 10, 1), actor=coordinator(session), now=OCTOBER, **given
    )
    assert standing(session, made, OCTOBER).light.reason == "nothing_asked"
    assert not duty(session, "m11-pharma").counted
    with pytest.raises(Conflict):
        deciding.exempt(session, scope(session), works(session), dated=date(2017, 10, 1), actor=coordinator(session),
                      now=OCTOBER, **given)  # fmt: skip


def test_strangers_and_readers_change_nothing(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    for actor in (person(session, "370100"), person(session, HEBEI, Role.READER), coordinator(session)):
        with pytest.raises(Forbidden):
            plan(session, made, off(one, "11-15", "3-15"), actor=actor)
        with pytest.raises(Forbidden):
            service.add_enterprise(session, scope(session), "steel", EnterpriseDraft("乙"), actor=actor, now=OCTOBER)


def test_what_was_stated_is_not_worked_out_anew_with_other_figures(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    month(session, made, NOVEMBER_MONTH, now=DECEMBER)
    bigger = LineDraft(one.name, one.kind, Decimal(120), one.baseline)
    with pytest.raises(Invalid, match="capacity"):
        service.change_line(session, where_of(session, made), made, one, bigger, actor=officer(session), now=DECEMBER,
                            version=one.version, reason="扩容")  # fmt: skip
    with pytest.raises(Stale):
        service.change_line(session, where_of(session, made), made, one, bigger, actor=officer(session), now=DECEMBER,
                            version=one.version + 1, reason="扩容")  # fmt: skip


BAD_LINES = [
    ({"name": " "}, "name"), ({"kind": "oven"}, "kind"), ({"capacity": None}, "capacity"),
    ({"capacity": Decimal(0)}, "capacity"), ({"capacity": Decimal("NaN")}, "capacity"),
    ({"capacity": Decimal("1.00001")}, "capacity"), ({"baseline": Decimal(0)}, "baseline"),
    ({"idle_since": date(2017, 11, 15)}, "idle_since"), ({"restarted_on": date(2018, 1, 1)}, "restarted_on"),
    ({"in_service_from": date(2018, 1, 1), "closed_on": date(2018, 1, 1)}, "closed_on"), ({"name": "1号高炉"}, "name"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "field"), BAD_LINES)
def test_a_bad_line_is_told_by_its_field(session: Session, given: dict[str, Any], field: str) -> None:
    made = works(session)
    furnace(session, made)
    with pytest.raises(Invalid) as caught:
        furnace(session, made, **({"name": "3号高炉"} | given))
    assert [problem.field for problem in caught.value.problems] == [field]


def test_the_record_keeps_every_state(session: Session) -> None:
    made = works(session)
    draft = EnterpriseDraft("甲钢铁有限公司", "丰南区")
    service.change_enterprise(session, scope(session), made, draft, actor=officer(session), now=OCTOBER,
                              version=made.version, reason="更名")  # fmt: skip
    states = [row.state["name"] for row in session.scalars(select(CapChange).order_by(CapChange.id))]
    assert states == ["甲钢铁", "甲钢铁有限公司"]
    assert session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.action == "caps.register")) == 2
    with pytest.raises(Invalid):
        works(session, "甲钢铁有限公司")


def test_a_city_with_a_season_of_its_own(session: Session) -> None:
    made, _one, _two = two_furnaces(session)
    session.add(Season(plan_id=made.plan_id, code="heating", organisation_id=made.organisation_id, name_zh="采暖季",
                       name_en="Heating season", starts_on=date(2017, 11, 1), ends_on=date(2018, 3, 31), note_zh="",
                       note_en=""))  # fmt: skip
    assert standing(session, made, OCTOBER).season.days == 151


def test_the_season_over_no_plan_is_filed(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    with pytest.raises(Conflict):
        plan(session, made, off(one, "11-15", "3-15"), now=APRIL)
    with pytest.raises(NotFound):
        service.add_enterprise(
            session, scope(session), "glass", EnterpriseDraft("丁"), actor=officer(session), now=OCTOBER
        )
    assert parse_instant("2018-04-20T09:00") == APRIL


def test_two_works_stated_at_once_are_both_counted(loaded: Database) -> None:
    with loaded.transaction() as session:
        rows = [works(session, name) for name in ("甲钢铁", "乙钢铁")]
        lines = [furnace(session, row) for row in rows]
        for row, line in zip(rows, lines, strict=True):
            plan(session, row, off(line, "11-15", "3-15"))
        ids = [(row.id, line.id) for row, line in zip(rows, lines, strict=True)]
    start = Barrier(2, timeout=20)

    def state(which: int) -> None:
        row_id, line_id = ids[which]
        start.wait()
        with loaded.transaction() as session:
            row, line = session.get_one(CapEnterprise, row_id), session.get_one(CapLine, line_id)
            month(session, row, NOVEMBER_MONTH, off(line, "11-15", "11-30"), power={line_id: Decimal(1)}, now=DECEMBER)

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(state, which) for which in range(2)]:
            done.result(timeout=60)
    with loaded.reading() as session:
        assert assignment(session, STEEL, TANGSHAN).claimed == 1
        assert session.scalar(select(func.count(CapFiling.id)).where(CapFiling.kind == "month")) == 2


def test_time_alone_makes_an_unstated_month_count_as_run_through(session: Session) -> None:
    made, one, _two = two_furnaces(session)
    plan(session, made, off(one, "11-15", "3-15"))
    month(session, made, NOVEMBER_MONTH, off(one, "11-15", "11-30"), power={one.id: Decimal(4000)}, now=DECEMBER)
    assert recount(session, now=parse_instant("2018-01-05T00:05")) == 0
    assert recount(session, now=parse_instant("2018-01-06T00:05")) == 1
    # 1600 of 9400, as if December had been run through.
    assert duty(session).claimed == Decimal("0.1702")
    assert recount(session, now=parse_instant("2018-01-07T00:05")) == 0
    # Long after the season nothing is looked at.
    assert recount(session, now=parse_instant("2018-06-07T00:05")) == 0


def test_a_city_the_plan_does_not_name_only_registers(session: Session) -> None:
    made = works(session, "保定炼铁", code="130600")
    furnace(session, made)
    found = city(session, [made], JANUARY)[0]
    assert (found.bound, found.light.reason) == (False, "not_bound")


def test_units_that_stopped_by_the_day_are_counted_at_once(session: Session) -> None:
    made = works(session, "甲电厂", "coal_unit")
    furnace(session, made, "1号机组", kind="not_ultra_low", capacity=Decimal(300), idle_since=date(2017, 10, 15))
    other = furnace(session, made, "2号机组", kind="not_ultra_low", capacity=Decimal(100))
    furnace(session, made, "3号机组", kind="ultra_low", capacity=Decimal(600))
    row = duty(session, "m09-coal-units")
    assert (row.counted, row.claimed) == (True, Decimal("0.75"))
    draft = LineDraft(other.name, "ultra_low", other.capacity, other.baseline)
    service.change_line(session, scope(session), made, other, draft, actor=officer(session), now=OCTOBER,
                        version=other.version, reason="完成超低排放改造")  # fmt: skip
    # All that are left stand still; the figure stays counted although nothing is asked over the season.
    row = duty(session, "m09-coal-units")
    assert (row.counted, row.claimed) == (True, Decimal(1))


def at_once(database: Database, *deeds: Any) -> list[str]:
    """Deeds in transactions of their own that begin together; how each ended."""
    start = Barrier(len(deeds), timeout=20)

    def run(deed: Any) -> str:
        start.wait()
        try:
            with database.transaction() as session:
                deed(session)
        except (Stale, Invalid) as error:
            return type(error).__name__
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return sorted(each.result(timeout=60) for each in [pool.submit(run, deed) for deed in deeds])


def test_of_two_who_decide_or_register_at_once_one_is_told(loaded: Database) -> None:
    with loaded.transaction() as session:
        made, one, _two = two_furnaces(session)
        plan(session, made, off(one, "11-15", "3-15"))
        power = {one.id: Decimal(32_000)}
        said = month(session, made, NOVEMBER_MONTH, off(one, "11-15", "11-30"), power=power, now=DECEMBER)
        enterprise, filing, line = made.id, said.id, one.id

    def decide(verdict: Any) -> Any:
        def deed(session: Session) -> None:
            row = session.get_one(CapEnterprise, enterprise)
            deciding.decide(session, scope(session), row, filing_id=filing, line_id=line, verdict=verdict,
                            reason="现场", actor=coordinator(session), now=DECEMBER)  # fmt: skip

        return deed

    assert at_once(loaded, decide("confirmed"), decide("rejected")) == ["Stale", "done"]
    assert at_once(loaded, *[lambda session: works(session, "丁钢铁")] * 2) == ["Invalid", "done"]
