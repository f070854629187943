"""The one writer of reminder rules: a new version of the whole, with a reason, or back to what the plan came with.

A version is never changed. Its number is the lock: who saves names the version the page was made from.
"""

import re
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import null, select
from sqlalchemy.orm import Session

from webapp.audit.service import record
from webapp.db import insert_once
from webapp.errors import Forbidden, Invalid, Problem, Stale
from webapp.permissions import Actor
from webapp.plans.models import Plan, ReminderRules, Task
from webapp.reminders.ladder import KNOWN_LADDERS, RuleProblem, Rules, RulesError, rules_from
from webapp.rulebook.compare import compare
from webapp.rulebook.queries import in_force, may_edit, pack_rules, region

LONGEST_NOTE = 400
LONGEST_NAME = 40
NAME = re.compile(r"[a-z][a-z0-9_-]*")


def checked(data: Mapping[str, Any], tasks: Collection[str]) -> Rules:
    """The rules from data that came from a form. Raises RulesError with every fault at once.

    Beside what `rules_from` asks, the plan's own ladders have proper names and their `tasks` exist.
    """
    problems: list[RuleProblem] = []
    rules: Rules | None = None
    try:
        rules = rules_from(data)
    except RulesError as error:
        problems += error.problems
    for name, ladder in data.get("ladders", {}).items():
        problems += _own_ladder(name, ladder.get("tasks") or (), tasks)
    if problems or rules is None:
        raise RulesError(problems)
    return rules


def _own_ladder(name: str, named: Collection[str], tasks: Collection[str]) -> list[RuleProblem]:
    if name in KNOWN_LADDERS:
        return []
    problems = []
    if len(name) > LONGEST_NAME or not NAME.fullmatch(name):
        text = _l("代码只能用小写字母、数字、连字符和下划线，以字母开头，最多 %(max)d 个字符。", max=LONGEST_NAME)
        problems.append(RuleProblem("name", text, name))
    unknown = [code for code in named if code not in tasks]
    if unknown:
        text = _l("方案里没有任务 %(codes)s，请重新选择。", codes=", ".join(code[:60] for code in unknown[:5]))
        problems.append(RuleProblem("tasks", text, name))
    return problems


def save_rules(
    session: Session, plan: Plan, *, data: Mapping[str, Any], note: str, version: int, actor: Actor, now: datetime
) -> ReminderRules:
    """Store rules as the plan's newest version. `version` is the one the form was made from.

    Raises Forbidden, RulesError, Invalid (no note, or nothing is different) or Stale; nothing is kept then.
    """
    _allow(session, plan, actor)
    codes = set(session.scalars(select(Task.code).where(Task.plan_id == plan.id)))
    rules = checked(data, codes)
    return _add(session, plan, rules, rules.as_data(), note=note, version=version, actor=actor, now=now)


def restore_rules(
    session: Session, plan: Plan, *, note: str, version: int, actor: Actor, now: datetime
) -> ReminderRules:
    """From here on again as the plan came. Raises Forbidden, Invalid (no reason, or they hold already) or Stale."""
    _allow(session, plan, actor)
    rules = pack_rules(plan)
    return _add(session, plan, rules, None, note=note, version=version, actor=actor, now=now, typed_in="reason")


def _allow(session: Session, plan: Plan, actor: Actor) -> None:
    if not may_edit(session, plan, actor):
        raise Forbidden(_l("提醒规则适用于整个方案，只能由方案组织单位的管理员修改。"))


def _add(
    session: Session, plan: Plan, rules: Rules, data: dict[str, Any] | None, *, note: str, version: int,
    actor: Actor, now: datetime, typed_in: str = "note",
) -> ReminderRules:  # fmt: skip
    before, words = in_force(session, plan), note.strip()
    if before.number != version:
        raise _stale()
    changed = compare(before.rules, rules)
    problems = _note_problems(words, typed_in)
    if not changed and (data is not None or before.from_pack):
        problems.append(Problem("", _l("内容与现行规则相同，不需要保存。")))
    if problems:
        raise Invalid(problems)
    row = {
        "plan_id": plan.id, "version": version + 1, "rules": null() if data is None else data, "note": words,
        "decided_by": actor.id, "decided_by_label": actor.name, "recorded_at": now,
    }  # fmt: skip
    row_id = insert_once(session, ReminderRules, row)
    if row_id is None:
        raise _stale()
    facts = {"version": version + 1, "reason": words, "rules": changed.codes()}
    action = "rules.restore" if data is None else "rules.save"
    record(session, action, ("plan", plan.id), actor=actor, now=now, area=region(session, plan).path, facts=facts)
    return session.get_one(ReminderRules, row_id)


def _note_problems(note: str, typed_in: str) -> list[Problem]:
    if not note:
        return [Problem(typed_in, _l("请写明修改原因，便于日后查考。"))]
    if len(note) > LONGEST_NOTE:
        return [Problem(typed_in, _l("最多 %(max)d 个字，请精简。", max=LONGEST_NOTE))]
    return []


def _stale() -> Stale:
    return Stale(_l("您打开页面之后，已有人保存了新的提醒规则，这次没有保存。您填写的内容还在，请核对后重新保存。"))
