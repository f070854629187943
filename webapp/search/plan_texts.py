"""The texts that change with a plan's pack alone: clauses with their sentences, tasks, organisations. All are read."""

from collections import defaultdict
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.organisations.models import Organisation
from webapp.plans.models import Clause, Sentence, Task
from webapp.search.entries import Found, stamp_of

SOURCES = ("clause", "task", "organisation")


def all_texts(session: Session) -> Iterator[Found]:
    """Every one of them, as it is now."""
    yield from _clauses(session)
    yield from _tasks(session)
    yield from _organisations(session)


def _clauses(session: Session) -> Iterator[Found]:
    columns = (Sentence.clause_id, Sentence.code, Sentence.gist_zh, Sentence.gist_en, Sentence.source_text)
    sentences = defaultdict(list)
    for row in session.execute(select(*columns).order_by(Sentence.clause_id, Sentence.sort)):
        sentences[row.clause_id].append(row)
    query = select(Clause.id, Clause.plan_id, Clause.code, Clause.title_zh, Clause.title_en).order_by(Clause.id)
    for clause in session.execute(query):
        held = sentences[clause.id]
        yield Found(
            "clause", clause.id, "clause", stamp_of(clause, held), clause.plan_id,
            code=clause.code, title_zh=clause.title_zh, title_en=clause.title_en,
            body_zh="\n".join(text for each in held for text in (each.gist_zh, each.source_text) if text),
            body_en="\n".join(each.gist_en for each in held),
            names=(clause.title_zh, clause.title_en, clause.code, *(each.code for each in held)),
            more=(clause.code, *(each.code for each in held)),
        )  # fmt: skip


def _tasks(session: Session) -> Iterator[Found]:
    columns = (
        Task.id, Task.plan_id, Task.code, Task.title_zh, Task.title_en, Task.short_zh, Task.short_en,
        Task.evidence_zh, Task.evidence_en, Task.note_zh, Task.note_en,
    )  # fmt: skip
    for task in session.execute(select(*columns).order_by(Task.id)):
        yield Found(
            "task", task.id, "task", stamp_of(task), task.plan_id,
            code=task.code, title_zh=task.title_zh, title_en=task.title_en,
            body_zh="\n".join(filter(None, (task.note_zh, task.evidence_zh))),
            body_en="\n".join(filter(None, (task.note_en, task.evidence_en))),
            names=(task.title_zh, task.title_en, task.short_zh, task.short_en, task.code),
            more=(task.code, task.short_zh, task.short_en),
        )  # fmt: skip


def _organisations(session: Session) -> Iterator[Found]:
    columns = (
        Organisation.id, Organisation.code, Organisation.path, Organisation.name_zh, Organisation.name_en,
        Organisation.short_zh, Organisation.short_en, Organisation.pinyin,
    )  # fmt: skip
    for each in session.execute(select(*columns).order_by(Organisation.id)):
        pinyin = each.pinyin.replace(" ", "")
        yield Found(
            "organisation", each.id, "organisation", stamp_of(each), None, each.id, each.path,
            code=each.code, title_zh=each.name_zh, title_en=each.name_en,
            names=(each.name_zh, each.name_en, each.short_zh, each.short_en, each.code, pinyin),
            more=(each.short_zh, each.short_en, each.code, each.pinyin, pinyin),
        )  # fmt: skip
