"""The same answers from both databases, always what the records say, and nothing of another's area."""

from datetime import timedelta

from sqlalchemy import select, update

from tests.search.conftest import NOW, Library, add_update, reader_of, refresh, reports_of, sources
from webapp.db import Database
from webapp.ledgers.models import LedgerRow
from webapp.plans.models import Clause, Task
from webapp.reports.models import ReportNote
from webapp.search import queries
from webapp.search.models import KINDS
from webapp.search.queries import Reach
from webapp.search.rules import read

BOTH = ["baoding", "jinan"]
# What the region's coordinator types, and which records answer: the same on SQLite and on PostgreSQL.
ASKED: dict[str, set[str]] = {
    "锅炉": {"task", "clause", "ledger_row"},
    "小燃煤锅炉": {"task", "clause"},
    "淘汰 锅炉": {"task", "clause"},
    "锅淘": set(),
    "炉": {"task", "clause", "ledger_row"},
    "coal": {"clause"},
    "BOIL": {"task", "clause"},
    "oilers": set(),
    "锅炉 boil": {"task", "clause"},
    "boil 锅炉": set(),
    "拆除12台": {"update"},
    "1200": {"update"},
    "120": {"update"},
    "20": set(),
    "资金缺口": {"update"},
    "补照片": {"decision"},
    "管网": {"report"},
    "供暖": {"report_note"},
    "对不上": {"report_decision"},
    "蓝焰": {"ledger_row"},
    "安新 热力": {"ledger_row"},
    "m-1": set(),
    "bao": {"organisation", "update", "decision", "report", "report_note", "report_decision", "ledger_row"},
}
# What three more tasks have in common with the world's one.
KEPT = {column.key for column in Task.__table__.columns} - {"id", "code", "title_zh", "short_zh"}
HOSTILE = [
    '"', "'", '"锅炉', "锅炉*", "*", "-锅炉", "NEAR(锅炉 淘汰)", "锅炉 AND", "AND OR NOT", "words:锅炉", "search_words",
    "锅炉'; DROP TABLE search_entry; --", "@a1", "@knote", "=锅炉", "锅炉)(", "{锅炉}", "\\", "%", "_", "锅\x00炉",
    "🔥", "^锅", "<script>", "&lt;", "!", ":*", "<->", "'锅炉':*", "\u202e锅炉", "锅" * 10_000, "a" * 10_000,
    " " * 10_000,
]  # fmt: skip
# Whose people find what of which city.
SEEN = {
    "region": {"baoding", "jinan"},
    "north": {"baoding"},
    "baoding": {"baoding"},
    "cangzhou": set(),
    "south": {"jinan"},
}
PLAN = {"clause", "task"}


def test_both_databases_answer_alike(db: Database, library: Library) -> None:
    found = {typed: {source for source, _place in sources(db, typed, "region")} for typed in ASKED}
    assert found == ASKED


def test_no_query_breaks_out(db: Database, library: Library) -> None:
    for typed in HOSTILE:
        query = read(typed)
        if query.terms:
            sources(db, typed, "region")
    assert {source for source, _ in sources(db, '"锅炉" -zz*', "region")} == set()
    assert len(sources(db, "锅炉*", "region")) == len(sources(db, "锅炉", "region"))
    # Marks are no words: nobody can ask for another's area by its mark.
    assert sources(db, "@aregion", "baoding") == []


def test_an_exact_name_comes_first(db: Database, library: Library) -> None:
    with db.transaction() as session:
        for number in range(3):
            session.add(
                Task(
                    **{name: getattr(session.get_one(Task, library.world.task), name) for name in KEPT},
                    code=f"more-{number}", title_zh="锅炉锅炉锅炉台账" * (number + 1), short_zh="其他",
                )
            )  # fmt: skip
    refresh(db)
    tasks = [code for source, code in sources(db, "锅炉", "region") if source == "task"]
    assert tasks[0] == "boilers"
    assert sorted(tasks[1:]) == ["more-0", "more-1", "more-2"]


def test_the_index_says_what_the_records_say_now(db: Database, library: Library) -> None:
    assert refresh(db) == 0
    with db.transaction() as session:
        add_update(session, library.assignments["baoding"], NOW, note="电网增容完成")
        session.get_one(Clause, library.world.clause).title_zh = "散煤治理"
        session.execute(update(ReportNote).values(problem="", version=2, updated_at=NOW))
        row = session.scalars(select(LedgerRow).order_by(LedgerRow.id)).first()
        assert row is not None
        row.name, row.updated_at = "改名后的机组", NOW
        for report in reports_of(session):
            report.problems = "已解决"
    assert sources(db, "电网", "region") == []
    assert refresh(db, now=NOW + timedelta(minutes=1)) == 1 + 1 + 2 + 1 + 2
    assert sources(db, "电网", "region") == [("update", "baoding")]
    assert sources(db, "散煤治理", "region") == [("clause", "m-1")]
    assert sources(db, "供暖", "region") == sources(db, "管网", "region") == []
    assert sources(db, "机组", "region") == [("ledger_row", "baoding")]
    assert [place for _source, place in sources(db, "3号锅炉", "region")] == ["jinan"]


def test_nothing_of_another_area_is_found(db: Database, library: Library) -> None:
    """No hit, no count, no word of it: for every text that is limited, and everybody's own place."""
    for place, seen in SEEN.items():
        for typed in [*(typed for typed, found in ASKED.items() if found - PLAN), *BOTH]:
            assert_within(db, library, typed, place, seen)
        assert {source for source, _ in sources(db, "锅炉", place)} >= {"task", "clause"}


def assert_within(db: Database, library: Library, typed: str, place: str, seen: set[str]) -> None:
    with db.reading() as session:
        query, reach = read(typed), Reach(reader_of(session, place), library.world.plan)
        counts = queries.counts(session, query, reach)
        rows = [row for row in queries.best(session, query, reach, KINDS, size=50) if row.kind not in PLAN]
    assert {row.organisation_code for row in rows} <= seen | {place}
    assert sum(counts[kind] for kind in ("organisation", "note", "row")) == len(rows)
    assert typed not in BOTH or bool(rows) == (typed in seen)
    said = [row.title_zh + row.body_zh for row in rows]
    assert not [each for each in said if any(other in each for other in set(BOTH) - seen)]
