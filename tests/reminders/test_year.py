"""A year in minutes: what people received is, mail by mail, what an oracle that shares no code with it expects.

`make test` lives through two stretches, with the October holidays and with the Sunday that is worked;
`make soak` through the whole plan.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from tests.reminders.oracle import Mail, Oracle
from tests.reminders.oracle_calendar import LADDERS
from tests.reminders.year import Year, ticks
from tests.reminders.year_plan import LAST_DAY, LOADED
from tests.support.smtp import post_office
from webapp.db import Database
from webapp.settings import Settings

# Rungs a day later, by ladder.
MOVED = {
    "assignment": ("+3:", "+4:"), "report": ("+1:", "+2:"), "review": ("+1:", "+2:"), "silence": ("+5:", "+6:"),
}  # fmt: skip
BeginsOn = Callable[..., Year]


@pytest.fixture
def begins(sqlite_db: Database, tmp_path: Path) -> Iterator[BeginsOn]:
    """The plan played until an instant, its scheduler not yet started."""
    with post_office() as office:
        settings = Settings(data_dir=tmp_path, smtp_port=office.port, secret_key="a key of thirty-two letters or more")

        def build(at: datetime, **rules: Any) -> Year:
            year = Year(sqlite_db, settings, office, **rules)
            year.build(tmp_path / "pack", at)
            return year

        yield build


def differences(received: Sequence[Mail], expected: Sequence[Mail]) -> str:
    """The first mails that came though they should not and that should have come; nothing where all is equal."""
    came, owed = Counter(received), Counter(expected)
    odd = sorted((came - owed).elements())
    missing = sorted((owed - came).elements())
    if not odd and not missing:
        return ""
    counts = f"{len(odd)} of {len(received)} mails are not expected, {len(missing)} of {len(expected)} did not come"
    first = min(mail.at for mail in (*odd, *missing))
    shown = [f"came:     {_shown(mail)}" for mail in odd if mail.at == first][:3]
    shown += [f"expected: {_shown(mail)}" for mail in missing if mail.at == first][:3]
    return "\n".join([counts, *shown])


def _shown(mail: Mail) -> str:
    lines = "".join(
        f"\n    {line.section} {line.about[0]} {line.about[1]}, due {line.due}, {line.days} days, {line.count}"
        for line in mail.lines
    )
    return f"{mail.at:%a %Y-%m-%d %H:%M} {mail.kind} to {mail.to}{lines}\n    and {mail.more} more"


def check(year: Year, **rules: Any) -> Oracle:
    """What came and what the ledger says is what the oracle expects."""
    expected = year.expected(**rules)
    if found := differences(year.received, expected.mails):
        pytest.fail(found, pytrace=False)
    assert year.told() == expected.told
    return expected


@pytest.mark.parametrize(
    ("first", "last"),
    [(date(2017, 9, 22), date(2017, 10, 17)), (date(2018, 3, 28), date(2018, 4, 13))],
    ids=["october-holidays", "made-up-sunday"],
)
def test_weeks_of_mails_are_what_the_oracle_expects(begins: BeginsOn, first: date, last: date) -> None:
    year = begins(datetime.combine(first, time()))
    year.live(list(ticks(first, last)))
    expected = check(year)
    kinds = Counter(mail.kind for mail in expected.mails)
    assert kinds["digest"] > 100
    assert kinds["decision"] > 20
    assert {kind for kind, *_ in expected.told} > {*MOVED, "returned", "report_review"}
    # The comparison has teeth: with one rung a day later other mails are expected.
    for ladder, (rung, later) in MOVED.items():
        tampered = LADDERS | {ladder: LADDERS[ladder].replace(rung, later)}
        assert differences(year.received, year.expected(ladders=tampered).mails), ladder


@pytest.mark.soak
def test_a_year_of_mails_is_what_the_oracle_expects(begins: BeginsOn) -> None:
    year = begins(LOADED)
    year.live([tick for tick in ticks(LOADED.date(), LAST_DAY) if tick > LOADED])
    expected = check(year)
    assert {kind for kind, *_ in expected.told} == {*LADDERS, "report_review", "report_returned"} - {"contact"}


def test_a_scheduler_away_over_a_weekend_sends_each_person_one_mail_with_the_latest_rungs(begins: BeginsOn) -> None:
    """Stopped on Wednesday night, back on Monday morning: what was owed on Thursday and Friday is not made up for."""
    first, away, back = date(2017, 10, 16), date(2017, 10, 18), date(2017, 10, 23)
    year = begins(datetime.combine(first, time()))
    year.live(list(ticks(first, away)))
    before = year.told()
    year.live([tick for tick in ticks(back, back) if tick.time() >= time(10)])
    check(year)
    digests = [mail for mail in year.received if mail.kind == "digest" and mail.at.date() == back]
    assert digests
    assert {mail.at.time() for mail in digests} == {time(10, 30)}
    assert max(Counter(mail.to for mail in digests).values()) == 1
    # Of each subject a person hears one rung, the latest.
    heard = [(kind, number, due, person) for kind, number, due, _, person in year.told().keys() - before.keys()]
    assert len(heard) == len(set(heard))


def test_other_rules_of_a_plan_are_followed(begins: BeginsOn) -> None:
    """Reviews are told of at once, assignments on their calendar days, later in the morning and three at most."""
    first, last = date(2017, 9, 27), date(2017, 10, 17)
    ladders = {"review": {"delivery": "at_once"}, "assignment": {"shift": False}, "report": {"shift": False}}
    rules = {"send_at": "10:00", "most_items": 3, "quiet": {"from": "12:00", "until": "14:00"}}
    year = begins(datetime.combine(first, time()), ladders=ladders, rules=rules)
    year.live(list(ticks(first, last)))
    expected = check(
        year,
        at_once=frozenset({"review"}),
        fixed=frozenset({"assignment", "report"}),
        send_at=time(10),
        most_items=3,
        quiet=(time(12), time(14)),
    )
    assert Counter(mail.kind for mail in expected.mails)["reminder"] > 20
