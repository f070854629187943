"""Loading packs: once, twice, and after they changed."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from seed.attach import attach_source
from seed.models import Who
from seed.pack import Pack
from seed.schema import PackError, load_pack
from seed.taskmodel import Due
from tests.support.plans import INVENTED, REAL, assignment, load_plan, person, plan_id
from webapp.audit.models import AuditEvent
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.errors import Invalid
from webapp.organisations.models import Organisation
from webapp.permissions import Role
from webapp.plans.lists import Filter, assignments
from webapp.plans.models import Assignment, AssignmentPart, Plan, Reporter, Sentence, Task
from webapp.plans.queries import due_dates, get_clause, season_of
from webapp.progress.service import record_update

LATER = parse_instant("2019-03-01T10:00")


def changed(pack: Pack, code: str, **fields: Any) -> Pack:
    """The pack with one task written otherwise."""
    return pack.with_tasks(task.model_copy(update=fields) if task.code == code else task for task in pack.tasks)


@pytest.fixture(scope="module")
def invented() -> Pack:
    return load_pack(INVENTED)


def test_the_real_plan_loads_only_once(db: Database) -> None:
    first = load_plan(db, REAL)
    assert first.added > 2000
    assert first.changed == 0
    again = load_plan(db, REAL, LATER)
    assert again.nothing_changed
    assert str(again) == f"nothing changed ({first.added} rows)"
    with db.reading() as session:
        assert session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.action == "plan.load")) == 1
        # Nobody "fell behind" by the loading alone.
        assert not session.scalar(select(func.count(AuditEvent.id)).where(AuditEvent.action == "light.fell"))


def test_two_plans_live_side_by_side(db: Database) -> None:
    load_plan(db, REAL)
    load_plan(db, INVENTED)
    assert load_plan(db, REAL).nothing_changed
    assert load_plan(db, INVENTED).nothing_changed


def test_what_an_assignment_starts_with(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        berths = assignment(session, "a-berths", "reedmouth")
        assert (berths.starts_on, berths.due, berths.status) == (date(2019, 1, 15), date(2019, 6, 30), "not_started")
        assert [(row.revision, row.due) for row in due_dates(session, berths.id)] == [(1, date(2019, 6, 30))]
        kilns = assignment(session, "b-kilns", "alderford")
        assert (kilns.starts_on, kilns.due) == (date(2019, 12, 1), date(2020, 2, 28))
        dust = assignment(session, "b-dust", "saltquay")
        assert (dust.due, dust.light_label, dust.task.target_max) == (None, "standing", Decimal(7))
        assert assignment(session, "c-monthly", "upper-shore").due is None


def test_a_city_may_keep_other_days_of_a_season(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        own = assignment(session, "b-kilns", "stonebridge")
        assert (own.starts_on, own.due) == (date(2019, 11, 20), date(2020, 3, 10))
        season = season_of(session, own)
        assert season is not None
        assert season.organisation_id == own.organisation_id
        assert season.note_zh


def test_reporters_are_those_named_and_the_cities_below_them(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        query = select(Organisation.code).join(Reporter, Reporter.organisation_id == Organisation.id)
        towns = {"alderford", "stonebridge", "millhaven", "reedmouth", "saltquay"}
        assert set(session.scalars(query)) == {"upper-shore", "lower-shore"} | towns


def test_supporting_organisations_are_noted(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        rows = session.execute(select(AssignmentPart.part, func.count()).group_by(AssignmentPart.part)).all()
        assert [tuple(row) for row in rows] == [("supporting", 3)]


def test_clauses_show_which_tasks_answer_to_each_sentence(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        view = get_clause(session, plan_id(session, "delta-2019"), "part-c")
        assert [(each.sentence.code, [task.code for task in each.tasks]) for each in view.sentences][:2] == [
            ("part-c.1", ["c-gas"]),
            ("part-c.2", ["c-contact", "c-monthly"]),
        ]


def test_changed_words_are_taken_over_and_progress_stays(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    _file(db, "a-berths", "reedmouth", Decimal(3))
    result = load_plan(db, changed(invented, "a-berths", title_zh="新的题目", target=[Decimal(15)]), LATER)
    assert (result.added, result.changed) == (0, 2)  # the task, and the plan's own hash
    with db.reading() as session:
        row = assignment(session, "a-berths", "reedmouth")
        assert (row.task.title_zh, row.task.target_min) == ("新的题目", Decimal(15))
        assert (row.claimed, row.status) == (Decimal(3), "in_progress")


def test_a_new_task_is_added(db: Database, invented: Pack) -> None:
    load_plan(db, invented.with_tasks(invented.tasks[1:]))
    result = load_plan(db, invented, LATER)
    with db.reading() as session:
        assert assignment(session, "a-berths", "saltquay").due == date(2019, 6, 30)
        sorts = session.scalars(
            select(Task.code).where(Task.plan_id == plan_id(session, "delta-2019")).order_by(Task.sort)
        )
        assert list(sorts)[:2] == ["a-berths", "a-half"]
    assert result.added == 1 + 1 + 2  # task, its sentence, two assignments


def test_a_moved_date_becomes_a_version_with_its_reason(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    load_plan(db, changed(invented, "a-berths", due=Due(on=date(2019, 7, 15))), LATER)
    with db.reading() as session:
        row = assignment(session, "a-berths", "reedmouth")
        assert (row.nominal_due, row.due) == (date(2019, 7, 15), date(2019, 7, 15))
        versions = due_dates(session, row.id)
        assert [(each.revision, each.due) for each in versions] == [(1, date(2019, 6, 30)), (2, date(2019, 7, 15))]
        assert versions[1].reason


def test_an_organisation_taken_off_is_left_out_when_nothing_was_filed(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    smaller = changed(invented, "a-berths", who=Who(of=["saltquay"]))
    result = load_plan(db, smaller, LATER)
    assert result.left_out == ("a-berths/reedmouth",)
    assert load_plan(db, smaller, LATER).nothing_changed
    with db.reading() as session:
        row = assignment(session, "a-berths", "reedmouth")
        assert (row.status, row.light_label) == ("not_applicable", "not_applicable")


def test_an_organisation_with_progress_cannot_be_taken_off(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    _file(db, "a-berths", "reedmouth", Decimal(3))
    with pytest.raises(PackError, match=r"tasks/.*\.yaml:\d+: who: reedmouth has already filed"):
        load_plan(db, changed(invented, "a-berths", who=Who(of=["saltquay"]), title_zh="不会保存"), LATER)
    with db.reading() as session:
        assert assignment(session, "a-berths", "reedmouth").task.title_zh != "不会保存"


def _file(db: Database, task: str, code: str, quantity: Decimal) -> None:
    with db.transaction() as session:
        row = assignment(session, task, code)
        officer = person(session, code)
        record_update(session, row, actor=officer, now=LATER, kind="progress", as_of=date(2019, 2, 20),
                      quantity=quantity, version=row.version)  # fmt: skip


def test_lists_count_only_the_area(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        plan = plan_id(session, "delta-2019")
        region = person(session, "delta", Role.READER)
        shore = person(session, "lower-shore", Role.COORDINATOR)
        everything = session.scalar(select(func.count(Assignment.id)))
        assert assignments(session, plan, region).total == everything
        assert {row.organisation_code for row in assignments(session, plan, shore).rows} == {
            "lower-shore", "reedmouth", "saltquay",
        }  # fmt: skip
        assert assignments(session, plan, shore, where=Filter(organisation="alderford")).total == 0
        assert (
            assignments(session, plan, region, where=Filter(organisation="upper-shore", kind="seasonal_cap")).total == 3
        )
        assert assignments(session, plan, region, where=Filter(text="岸电"), size=2, page=99).number == 3
        for order in ("due", "-due", "light", "completion", "updated", "organisation", "task", "'; drop"):
            assert len(assignments(session, plan, region, order=order).rows) == everything


SOURCE = "# 标题\n- `part-a.1` 第一句。\n- `part-a.2` 第二句。\n说明文字\n"


def test_the_official_text_is_attached_and_stays(db: Database, invented: Pack, tmp_path: Any) -> None:
    load_plan(db, invented)
    file = tmp_path / "source.md"
    file.write_text(SOURCE, encoding="utf-8")
    with db.transaction() as session:
        assert attach_source(session, "delta-2019", file, now=LATER) == 2
    assert load_plan(db, invented).nothing_changed
    with db.reading() as session:
        assert session.scalar(select(Sentence.source_text).where(Sentence.code == "part-a.2")) == "第二句。"


@pytest.mark.parametrize(
    ("content", "plan", "says"),
    [
        (SOURCE.replace("part-a.2", "part-z.9"), "delta-2019", "part-z.9"),
        (SOURCE.replace("part-a.2", "part-a.1"), "delta-2019", "重复"),
        ("没有句子", "delta-2019", "没有找到"),
        (SOURCE.replace("第二句。", ""), "delta-2019", "为空"),
        (SOURCE, "no-such-plan", "尚未载入"),
    ],
)
def test_a_wrong_source_changes_nothing(
    db: Database, invented: Pack, tmp_path: Any, content: str, plan: str, says: str
) -> None:
    load_plan(db, invented)
    file = tmp_path / "source.md"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(Invalid, match=says), db.transaction() as session:
        attach_source(session, plan, file, now=LATER)
    with db.reading() as session:
        assert not session.scalar(select(func.count()).where(Sentence.source_text != ""))


def test_a_source_that_is_no_text_is_refused(db: Database, invented: Pack, tmp_path: Any) -> None:
    load_plan(db, invented)
    file = tmp_path / "source.md"
    file.write_bytes("方案".encode("gbk"))
    with pytest.raises(Invalid, match="UTF-8"), db.transaction() as session:
        attach_source(session, "delta-2019", file, now=LATER)
    with pytest.raises(Invalid, match="读不到"), db.transaction() as session:
        attach_source(session, "delta-2019", tmp_path / "none", now=LATER)


def test_the_rules_of_a_plan_are_kept_as_the_pack_writes_them(db: Database, invented: Pack) -> None:
    load_plan(db, invented)
    with db.reading() as session:
        rules = session.scalars(select(Plan.rules)).one()
        assert rules["thresholds"]["yellow_days"] == 10
        assert rules["reporting"]["day"] == 5
        assert rules["reminders"]["send_at"] == "09:00"
        first = rules["reminders"]["ladders"]["assignment"]["rungs"][0]
        assert first == {"days_before": 20, "tell": ["officer"]}
