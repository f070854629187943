"""What the rows of the demo's ledgers say: invented owners, villages, stations and works, the same in every play."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from webapp.ledgers.rules import CREDIT_SIGNS, credit_code_is_sound

Values = dict[str, Any]
Make = Callable[[int, Values], Values]

TOWNS = ("城关镇", "东关镇", "南留庄镇", "西马庄乡", "北河店镇")
OWNERS = ("实验小学", "卫生院", "宏达洗浴中心", "华联宾馆", "第二中学", "利民面粉厂", "供销社", "敬老院")
WORKS = ("宏达", "兴旺", "永盛", "鑫源", "恒通", "顺发")
TRADES = (("foundry", "铸造"), ("mesh", "丝网"), ("plastic", "塑料"), ("furniture", "家具"), ("printing", "印刷"))
SELLERS = ("中油", "中化", "海油", "华北", "民生")
BUILDINGS = ("安置房一期", "学校新校区", "商业广场", "医院门诊楼", "地下管廊", "物流园")
SOLVENTS = (("petrochemicals", "石化"), ("pharma", "制药"), ("coating", "汽车零部件"), ("printing", "包装印刷"))
PERMITTED = frozenset({"power", "steel", "cement"})
# A process of the emergency list, and its cut in per cent at yellow, orange and red warnings.
PROCESSES = (("烧结", 30, 50, 100), ("熔炼", 50, 100, 100), ("喷涂", 30, 50, 100), ("窑炉", 20, 40, 60))


def values(task: str, number: int, counties: tuple[str, str]) -> Values:
    """What row `number` of a task's ledger says, before anything was done about it."""
    place = {"county": counties[number % 2], "township": TOWNS[number % len(TOWNS)]}
    planned = {"planned_on": date(2017, 5 + number % 6, 20).isoformat()}
    return {**place, **planned, **MAKERS[task](number, place)}


def when_done(row: Values) -> Values:
    """What is added to a row when it is done: to one of the permits its number."""
    return {"permit": f"{row['credit_code']}001P"} if row.get("industry") in PERMITTED else {}


def _enterprise(number: int, place: Values, trade: str) -> str:
    return f"{place['township'][:2]}{WORKS[number % len(WORKS)]}{trade}{number // 30 + 1}厂"


def _scattered(number: int, place: Values) -> Values:
    code, trade = TRADES[number % len(TRADES)]
    return {"name": _enterprise(number, place, trade), "industry": code, "way": "close"}


def _village(number: int, place: Values) -> Values:
    return {"name": f"{place['township'][:2]}{number + 1}村", "energy": ("gas", "power")[number % 3 == 0]}


def _device(number: int, place: Values) -> Values:
    return {"name": f"{place['county']}{number + 1}号道口", "number": f"YG-{number + 1:03}", "what": "fixed",
            "planned_on": date(2017, 8 + number % 5, 28).isoformat()}  # fmt: skip


def _boiler(number: int, place: Values) -> Values:
    owner = f"{place['township'][:2]}{OWNERS[number % len(OWNERS)]}"
    if number >= 40:
        owner += f"{number // 40 + 1}号锅炉房"
    return {"name": owner, "number": f"G{number + 1:03}", "what": "boiler", "address": f"中心街{number + 1}号",
            "capacity": ("0.5", "1", "2", "4", "6", "10")[number % 6], "purpose": "heating",
            "zone": ("built_up", "county_town", "elsewhere")[number % 3]}  # fmt: skip


def _station(number: int, place: Values) -> Values:
    return {"name": f"{place['township'][:2]}{SELLERS[number % len(SELLERS)]}第{number + 1}加油站", "petrol": True,
            "trunk_road": number % 3 != 2, "petrol_tonnes": str(800 + number % 7 * 450)}  # fmt: skip


def _site(number: int, place: Values) -> Values:
    return {"name": f"{place['county'][:2]}{BUILDINGS[number % len(BUILDINGS)]}{number // 6 + 1}标段",
            "builder": f"{WORKS[number % len(WORKS)]}建工集团", "area": str(8_000 + number % 9 * 3_500)}  # fmt: skip


def _permit(industry: str, word: str) -> Make:
    def make(number: int, place: Values) -> Values:
        code = _credit_code(f"{place['county']}{industry}", number)
        name = f"{place['county'][:2]}{WORKS[number % len(WORKS)]}{word}{number // 6 + 1}厂"
        return {"name": name, "credit_code": code, "industry": industry}

    return make


def _solvents(number: int, place: Values) -> Values:
    code, trade = SOLVENTS[number % len(SOLVENTS)]
    measure = ("活性炭吸附脱附", "蓄热燃烧", "水性涂料替代", "密闭收集")[number % 4]
    return {"name": _enterprise(number, place, trade), "industry": code, "measure": measure}


def _source(number: int, place: Values) -> Values:
    process, yellow, orange, red = PROCESSES[number % len(PROCESSES)]
    return {"name": _enterprise(number, place, ""), "process": process, "cut_yellow": str(yellow),
            "cut_orange": str(orange), "cut_red": str(red), "measure": f"按预警级别停限{process}工序"}  # fmt: skip


def _credit_code(words: str, number: int) -> str:
    """A credit code with a sound last sign; the rest is invented."""
    body = f"91130{sum(map(ord, words)) % 9000 + 1000}MA{number:06}"
    return next(body + sign for sign in CREDIT_SIGNS if credit_code_is_sound(body + sign))


MAKERS: Mapping[str, Make] = {
    "m02-close-all": _scattered,
    "m03-households": _village,
    "m04-boilers-all": _boiler,
    "m07-permits-cement": _permit("cement", "水泥"),
    "m07-permits-power": _permit("power", "热电"),
    "m07-permits-steel": _permit("steel", "钢铁"),
    "m08-treatment": _solvents,
    "m13-fixed": _device,
    "m15-vapour": _station,
    "m16-site-five": _site,
    "m19-plan": _source,
}
