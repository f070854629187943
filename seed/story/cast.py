"""The people of the demo: all invented, one known password, roles from the day the plan was published.

The order is the one in which the sign-in page offers them: it shows the first few of each group at once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.accounts import passwords
from webapp.accounts.models import Person
from webapp.accounts.queries import load_actor
from webapp.accounts.service import create_person, grant_role
from webapp.organisations.models import Organisation
from webapp.permissions import SYSTEM, Actor, Role

DOMAIN = "demo.lantian.example"
PASSWORD = "lantian-2017-demo"  # noqa: S105 - printed for everybody: a demo answers on this machine alone
REGION = "jjj"

# organisation code: name in Chinese, in English.
OFFICERS = {
    "130600": ("赵文博", "Zhao Wenbo"),
    "130100": ("刘晓宁", "Liu Xiaoning"),
    "110000": ("陈思远", "Chen Siyuan"),
    "410100": ("王海燕", "Wang Haiyan"),
    "120000": ("李国栋", "Li Guodong"),
    "130200": ("张立新", "Zhang Lixin"),
    "131000": ("孙雅静", "Sun Yajing"),
    "130900": ("周建平", "Zhou Jianping"),
    "131100": ("吴春梅", "Wu Chunmei"),
    "130500": ("郑志强", "Zheng Zhiqiang"),
    "130400": ("冯永军", "Feng Yongjun"),
    "140100": ("杨晓峰", "Yang Xiaofeng"),
    "140300": ("段丽华", "Duan Lihua"),
    "140400": ("韩学文", "Han Xuewen"),
    "140500": ("秦海波", "Qin Haibo"),
    "370100": ("许静", "Xu Jing"),
    "370300": ("何伟民", "He Weimin"),
    "370800": ("吕素芳", "Lü Sufang"),
    "371400": ("施文杰", "Shi Wenjie"),
    "371500": ("曹桂英", "Cao Guiying"),
    "371600": ("魏振华", "Wei Zhenhua"),
    "371700": ("姜红", "Jiang Hong"),
    "410200": ("范志刚", "Fan Zhigang"),
    "410500": ("彭海涛", "Peng Haitao"),
    "410600": ("鲁欣", "Lu Xin"),
    "410700": ("苗秀英", "Miao Xiuying"),
    "410800": ("方卫东", "Fang Weidong"),
    "410900": ("任淑萍", "Ren Shuping"),
    "mep": ("袁宏达", "Yuan Hongda"),
    "ndrc": ("邓学勤", "Deng Xueqin"),
    "mof": ("萧慧敏", "Xiao Huimin"),
    "nea": ("曾亦凡", "Zeng Yifan"),
    "cma": ("潘雨晴", "Pan Yuqing"),
    "mps": ("蒋国勇", "Jiang Guoyong"),
    "mot": ("蔡建军", "Cai Jianjun"),
    "circ": ("余佳琪", "Yu Jiaqi"),
    "cnpc": ("杜长河", "Du Changhe"),
    "sinopec": ("叶卫国", "Ye Weiguo"),
    "cnooc": ("程海宁", "Cheng Haining"),
    "sgcc": ("苏明", "Su Ming"),
    "chng": ("卢俊", "Lu Jun"),
    "datang": ("丁伟", "Ding Wei"),
    "huadian": ("沈晓东", "Shen Xiaodong"),
    "guodian": ("姚志勇", "Yao Zhiyong"),
    "spic": ("崔立诚", "Cui Licheng"),
    "shenhua": ("谭永胜", "Tan Yongsheng"),
}
COORDINATORS = {
    "130000": ("高建华", "Gao Jianhua"),
    "410000": ("马俊峰", "Ma Junfeng"),
    "370000": ("于文涛", "Yu Wentao"),
    "140000": ("郭振国", "Guo Zhenguo"),
    "110000": ("林若溪", "Lin Ruoxi"),
    "120000": ("宋立军", "Song Lijun"),
}
# Officers' deputies from autumn on, by the city they help out in: they play no part in the story, and come last, so
# that the sign-in page offers the officers first.
DEPUTIES_FROM = date(2017, 9, 1)
DEPUTIES = {
    "130600": ("耿亚楠", "Geng Yanan"),
    "130100": ("白立军", "Bai Lijun"),
    "410100": ("常晓燕", "Chang Xiaoyan"),
}
# e-mail name: organisation, role, names, language.
OTHERS = {
    "region": (REGION, Role.COORDINATOR, "徐静怡", "Xu Jingyi", "zh"),
    "region-2": (REGION, Role.COORDINATOR, "罗伟", "Luo Wei", "en"),
    "admin": (REGION, Role.ADMINISTRATOR, "唐晓雨", "Tang Xiaoyu", "zh"),
    "reader": (REGION, Role.READER, "贺铭", "He Ming", "zh"),
}


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the cast; `mailbox` is the part before the @ and how the script names them."""

    mailbox: str
    organisation: str
    role: Role
    name_zh: str
    name_en: str
    locale: str = "zh"
    deputy: bool = False

    @property
    def email(self) -> str:
        """The address they sign in with."""
        return f"{self.mailbox}@{DOMAIN}"


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody, and who files and who reviews for an organisation."""

    members: tuple[Member, ...]
    actors: dict[str, Actor]
    parents: dict[str, str]

    def files_for(self, code: str) -> str:
        """The mailbox of whoever files for an organisation: its officer, or its coordinator where it has none."""
        return self._find(code, Role.OFFICER) or self._find(code, Role.COORDINATOR) or ""

    def reviews_for(self, code: str) -> str:
        """The mailbox of whoever stands right above an organisation; above the region, its second coordinator."""
        if code == REGION:
            return "region-2"
        return self._find(self.parents[code], Role.COORDINATOR) or ""

    def _find(self, code: str, role: Role) -> str | None:
        return next((each.mailbox for each in self.members if (each.organisation, each.role) == (code, role)), None)


def members(places: dict[str, Organisation]) -> Iterator[Member]:
    """Everybody, in the order of the sign-in page."""
    for code, names in OFFICERS.items():
        yield Member(_slug(places[code]), code, Role.OFFICER, *names)
    for code, names in COORDINATORS.items():
        slug = _slug(places[code])
        yield Member(f"{slug}-coordinator" if code in OFFICERS else slug, code, Role.COORDINATOR, *names)
    for mailbox, (code, role, name_zh, name_en, locale) in OTHERS.items():
        yield Member(mailbox, code, role, name_zh, name_en, locale)
    for code, names in DEPUTIES.items():
        yield Member(f"{_slug(places[code])}-deputy", code, Role.OFFICER, *names, deputy=True)


def _slug(place: Organisation) -> str:
    """A city is known by its pinyin, a ministry or an enterprise by its code."""
    return place.pinyin.replace(" ", "") if place.code.isdigit() else place.code


def hire(session: Session, *, first_day: date, password_hash: str, now: datetime) -> Cast:
    """Create the people with their roles; the organisations are there."""
    places = {row.code: row for row in session.scalars(select(Organisation))}
    for each in members(places):
        person = create_person(
            session, email=each.email, name_zh=each.name_zh, name_en=each.name_en, locale=each.locale,
            password_hash=password_hash, actor=SYSTEM, now=now,
        )  # fmt: skip
        begins = DEPUTIES_FROM if each.deputy else first_day
        grant_role(
            session, person, places[each.organisation], each.role, valid_from=begins, deputy=each.deputy, actor=SYSTEM,
            now=now,
        )  # fmt: skip
    return gather(session, DEPUTIES_FROM)


def gather(session: Session, today: date) -> Cast:
    """Everybody as they were hired, with the roles of a day."""
    rows = session.scalars(select(Organisation)).all()
    codes = {row.id: row.code for row in rows}
    everybody = tuple(members({row.code: row for row in rows}))
    people = {person.email: person for person in session.scalars(select(Person))}
    actors = {}
    for each in everybody:
        person = people[each.email]
        actor = load_actor(session, person.id, person.auth_version, today)
        assert actor is not None
        actors[each.mailbox] = actor
    return Cast(everybody, actors, {row.code: codes[row.parent_id] for row in rows if row.parent_id})


def hash_password() -> str:
    """The hash all of them share; made once, outside any transaction."""
    return passwords.hash_new(PASSWORD, email=f"nobody@{DOMAIN}", name="nobody")
