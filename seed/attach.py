"""Take the official text from a file an operator has, and put it beside our gists.

The file holds one line a sentence, "- `measure-4.2` the text"; other lines are passed over. The text stays in this
installation's database: no pack carries it.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import lazy_gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from seed.sync import update_rows
from webapp.audit.service import record
from webapp.errors import Invalid, Problem
from webapp.permissions import SYSTEM
from webapp.plans.models import Clause, Plan, Sentence

LINE = re.compile(r"^\s*[-*]\s*`([a-z][a-z0-9-]*\.\d{1,3})`\s*(.*?)\s*$")
LARGEST = 5_000_000
LONGEST = 5_000


def attach_source(session: Session, plan_code: str, path: str | Path, *, now: datetime) -> int:
    """Set `source_text` of the plan's sentences from a file; gives how many sentences the file has a text for.

    Raises Invalid, and changes nothing, when the plan is not loaded or the file is unreadable, holds no sentence, or
    holds one that is unknown, given twice, empty or absurdly long.
    """
    plan_id = session.scalar(select(Plan.id).where(Plan.code == plan_code))
    if plan_id is None:
        raise Invalid([Problem("", lazy_gettext("方案 %(code)s 尚未载入，请先载入方案。", code=plan_code))])
    query = select(Sentence.code, Sentence.id, Sentence.source_text).join(Clause, Clause.id == Sentence.clause_id)
    known = {code: (row_id, text) for code, row_id, text in session.execute(query.where(Clause.plan_id == plan_id))}
    texts = parse_source(_read(Path(path)), set(known))
    changed = [(known[code][0], {"source_text": text}) for code, text in texts.items() if known[code][1] != text]
    update_rows(session, Sentence, changed)
    if changed:
        record(session, "plan.attach", ("plan", plan_id), actor=SYSTEM, now=now, facts={"sentences": len(changed)})
    session.flush()
    session.expire_all()
    return len(texts)


def _read(path: Path) -> str:
    try:
        if path.stat().st_size > LARGEST:
            raise Invalid([Problem(path.name, lazy_gettext("文件超过 5 MB，不像是方案原文。"))])
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        message = lazy_gettext("文件不是 UTF-8 编码的文本，请另存为 UTF-8 后再试。")
        raise Invalid([Problem(path.name, message)]) from None
    except OSError:
        raise Invalid([Problem(path.name, lazy_gettext("读不到这个文件，请检查路径和权限。"))]) from None


def parse_source(text: str, known: set[str]) -> dict[str, str]:
    """Sentence texts by id. Raises Invalid with one problem per faulty line, its number as the field."""
    texts: dict[str, str] = {}
    problems: list[Problem] = []
    for number, line in enumerate(text.splitlines(), start=1):
        found = LINE.match(line)
        if found is None:
            continue
        code, words = found.groups()
        if message := _fault(code, words, known, texts):
            problems.append(Problem(str(number), message))
        texts[code] = words
    if not texts:
        problems.append(Problem("", lazy_gettext("没有找到任何句子；每句一行，形如“- `measure-4.2` 原文”。")))
    if problems:
        raise Invalid(problems)
    return texts


def _fault(code: str, words: str, known: set[str], before: dict[str, str]) -> Any:
    if code not in known:
        return lazy_gettext("方案中没有编号为 %(code)s 的句子。", code=code)
    if code in before:
        return lazy_gettext("句子 %(code)s 重复出现。", code=code)
    if not 0 < len(words) <= LONGEST:
        return lazy_gettext("句子 %(code)s 的原文为空或过长。", code=code)
    return None
