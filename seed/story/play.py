"""The performance: the script's beats, day after day, through the services people use, with the story's time as `now`.

A day is one transaction. The nightly work is done as the scheduler would have done it; from SCHEDULED_FROM on it is the
scheduler's own tick that does it, so that the jobs' page has runs to show. Mails are really sent, at the day's end.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from seed.story import beats as story
from seed.story import bulletins, lists, offpeak, reporting, review, season, visits, winter
from seed.story.beats import Beat, ReportBeat, RowBeat
from seed.story.bulletins import BulletinBeat
from seed.story.cast import Cast
from seed.story.figures import Item, items
from seed.story.papers import paper
from tasks import runner
from tasks.deliver import RENDERERS, deliver
from tasks.schedule import JOBS
from webapp.clock import StoppedClock, add_months, local_date, local_instant
from webapp.db import Database
from webapp.evidence import service as evidence
from webapp.permissions import Actor
from webapp.plans.models import Assignment, Plan
from webapp.plans.queries import get_assignment
from webapp.progress import planning
from webapp.progress import service as progress
from webapp.reports import service as reports
from webapp.reports.checks import Finding
from webapp.reports.models import MonthlyReport
from webapp.reports.opening import OPENS_ON
from webapp.reports.queries import get_revision
from webapp.reports.rules import attention_first
from webapp.rollups.service import recompute
from webapp.settings import Settings

# The first working day of October after the National Day week: digests go out from here on.
SCHEDULED_FROM = date(2017, 10, 9)
OWNER = "demo-story"
# The roll-up, the sweep and the search index need no run a night for a fortnight.
DAILY_JOBS = tuple(job for job in JOBS if job.name not in ("rollup", "sweep", "index"))
# In the second story registers are counted when something is filed, and in the last night.
MORNING_JOBS = tuple(job for job in DAILY_JOBS if job.name != "caps")
STATEMENTS = frozenset({"progress", "no_change", "claim", "na_claim"})
MAILED = frozenset({"verify", "return", "na_accept", "na_refuse", "extend", "accept", "publish", "issue"})

AnyBeat = Beat | RowBeat | ReportBeat | BulletinBeat


@dataclass(slots=True)
class Stage:
    """Where the story is played, by whom, until when, and what is still to come, by day.

    `scheduled_once`: the scheduler runs in the morning of a working day alone, and makes up there for the night.
    """

    database: Database
    settings: Settings
    cast: Cast
    until: date = story.LAST_DAY
    scheduled_once: bool = False
    script: dict[date, list[AnyBeat]] = field(default_factory=lambda: defaultdict(list))
    staged: dict[str, list[evidence.Staged]] = field(default_factory=dict)

    def add(self, beats: Iterable[AnyBeat]) -> None:
        """Write beats into the script."""
        for beat in beats:
            self.script[local_date(beat.at)].append(beat)


Event = Callable[[Stage], None]


def play(stage: Stage, duties: Sequence[Item], *, say: Callable[[str], None]) -> None:
    """Play everything from the plan's first day to the end of 19 October, and the night after it."""
    for item in duties:
        stage.add(review.course_of(item, stage.cast))
    events = {offpeak.REGISTERED_ON: _within(offpeak.register), lists.LISTED_ON: _open_books}
    _perform(stage, story.days(), events, say)
    _last_night(stage)


def go_on(stage: Stage, *, say: Callable[[str], None]) -> None:
    """Play the second story, from 20 October on, to the end of 14 January and the night after it."""
    stage.until, stage.scheduled_once = winter.LAST_DAY, True
    with stage.database.reading() as session:
        states = winter.states(session)
        for item in items(session):
            stage.add(winter.course_of(item, states[item.id], stage.cast))
        for report in _unfinished_reports(session):
            stage.add(reporting.made_good(report, stage.cast, winter.FIRST_DAY))
    stage.add([bulletins.left_over()])
    events = {day: _within(act) for day, act in season.EVENTS.items()}
    _perform(stage, winter.days(), events, say)
    _last_night(stage)


def _unfinished_reports(session: Session) -> Iterable[MonthlyReport]:
    query = select(MonthlyReport).where(MonthlyReport.month <= reporting.LAST_MONTH, MonthlyReport.status != "accepted")
    return session.scalars(query.options(joinedload(MonthlyReport.organisation)))


def _within(act: Callable[[Session, Cast], None]) -> Event:
    """An event of the story that writes and needs nothing else."""

    def happen(stage: Stage) -> None:
        with stage.database.transaction() as session:
            act(session, stage.cast)

    return happen


def _perform(stage: Stage, days: Iterable[date], events: Mapping[date, Event], say: Callable[[str], None]) -> None:
    for day in days:
        if day.day == 1:
            say(f"the story has reached {day:%Y-%m}")
        _night(stage, day)
        _day(stage, day)
        if day in events:
            events[day](stage)


def _open_books(stage: Stage) -> None:
    photographs = evidence.stage([paper(name) for name in visits.PHOTOGRAPHS], stage.settings)
    store = evidence.open_store(stage.settings)
    with stage.database.transaction() as session:
        lists.open_books(session, stage.cast)
        visits.take_photographs(session, stage.cast, photographs, store)
        visits.sample(session, stage.cast)


def _night(stage: Stage, day: date) -> None:
    if day >= SCHEDULED_FROM:
        _scheduled_night(stage, day)
        return
    with stage.database.transaction() as session:
        progress.relight(session, now=local_instant(day, time(0, 10)))
        if day.day == OPENS_ON:
            reports.open_reports(session, month=day, now=local_instant(day, time(0, 20)))
        if day.day == 1:
            _close_month(stage, session, day)


def _scheduled_night(stage: Stage, day: date) -> None:
    """What the scheduler does up to the morning's digests; in the second story on working days, in one go."""
    if day == SCHEDULED_FROM:
        _tick(stage, day - timedelta(days=1), time(23, 59))
    if not stage.scheduled_once:
        _tick(stage, day, time(0, 11))
    elif day.day == 1:
        with stage.database.transaction() as session:
            _close_month(stage, session, day)
    if not stage.scheduled_once or story.CALENDAR.is_workday(day):
        _tick(stage, day, time(8, 31))


def _close_month(stage: Stage, session: Session, day: date) -> None:
    """On the first of a month the one before is rolled up, as by its job, and its reports are written."""
    month = add_months(day, -1)
    opened = select(MonthlyReport).where(MonthlyReport.month == month).options(joinedload(MonthlyReport.organisation))
    due = day
    for report in session.scalars(opened):
        stage.add(reporting.beats(report, stage.cast, stage.until))
        due = max(due, report.due)
    published = bulletins.beat(month, due, stage.until)
    stage.add([published] if published else [])
    recompute(session, months=[month], now=local_instant(day, time(2)))


def _last_night(stage: Stage) -> None:
    """The night and the early morning the demo opens on: every job has run, and nothing is owed before its slot."""
    _tick(stage, stage.until, time(23, 59), all_jobs=True)
    for at in (time(2, 1), time(3, 31), time(8, 25)):
        _tick(stage, stage.until + timedelta(days=1), at, all_jobs=True)


def _tick(stage: Stage, day: date, at: time, *, all_jobs: bool = False) -> None:
    clock = StoppedClock(local_instant(day, at))
    jobs = JOBS if all_jobs else MORNING_JOBS if stage.scheduled_once else DAILY_JOBS
    runner.tick(stage.database, stage.settings, jobs, owner=OWNER, clock=clock)


def _day(stage: Stage, day: date) -> None:
    beats = sorted(stage.script.pop(day, []), key=lambda beat: beat.at)
    if not beats:
        return
    for beat in beats:
        _stage_papers(stage, beat)
    with stage.database.transaction() as session:
        assignments, filed = _assignments(session, beats), _reports(session, beats)
        for beat in beats:
            if isinstance(beat, RowBeat):
                row, actor = assignments[beat.item.id], stage.cast.actors[beat.by]
                lists.finish_next(session, row, actor=actor, now=beat.at)
            elif isinstance(beat, Beat):
                _act(stage, session, assignments[beat.item.id], beat)
            elif isinstance(beat, BulletinBeat):
                bulletins.perform(session, session.scalars(select(Plan)).one(), stage.cast, beat)
            else:
                _report(stage, session, filed[beat.place, beat.month], beat)
    if any(beat.act in MAILED for beat in beats):
        _deliver(stage, day)


def _deliver(stage: Stage, day: date) -> None:
    if day >= SCHEDULED_FROM and not stage.scheduled_once:
        _tick(stage, day, time(18))
    else:
        deliver(stage.database, stage.settings, RENDERERS, now=local_instant(day, time(18)))


def _stage_papers(stage: Stage, beat: AnyBeat) -> None:
    for name in beat.papers if isinstance(beat, Beat) else ():
        if name not in stage.staged:
            stage.staged[name] = evidence.stage([paper(name)], stage.settings)


def _assignments(session: Session, beats: Sequence[AnyBeat]) -> dict[int, Assignment]:
    ids = {beat.item.id for beat in beats if isinstance(beat, Beat | RowBeat)}
    query = select(Assignment).where(Assignment.id.in_(ids))
    # The plan by a statement of its own: joined, its rules would be read anew with each row.
    related = (joinedload(Assignment.organisation), selectinload(Assignment.plan), joinedload(Assignment.task))
    return {row.id: row for row in session.scalars(query.options(*related))}


def _reports(session: Session, beats: Sequence[AnyBeat]) -> dict[tuple[str, date], MonthlyReport]:
    months = {beat.month for beat in beats if isinstance(beat, ReportBeat)}
    if not months:
        return {}
    query = select(MonthlyReport).where(MonthlyReport.month.in_(months))
    rows = session.scalars(query.options(joinedload(MonthlyReport.organisation)))
    return {(row.organisation.code, row.month): row for row in rows}


def _act(stage: Stage, session: Session, assignment: Assignment, beat: Beat) -> None:
    actor, version = stage.cast.actors[beat.by], assignment.version
    if beat.act in STATEMENTS:
        _state(stage, session, assignment, beat)
    elif beat.act == "nodes":
        planning.file_nodes(session, assignment, actor=actor, now=beat.at, shares=dict(beat.shares), version=version)
    elif beat.act == "extend":
        assert beat.due is not None
        planning.extend(
            session, assignment, actor=actor, now=beat.at, due=beat.due, reason=beat.reason, version=version
        )
    else:
        decision: Any = beat.act
        progress.decide(
            session, assignment, actor=actor, now=beat.at, decision=decision, version=version, reason=beat.reason
        )


def _state(stage: Stage, session: Session, assignment: Assignment, beat: Beat) -> None:
    actor = stage.cast.actors[beat.by]
    files = [each for name in beat.papers for each in stage.staged[name]]
    attached = evidence.record(
        session, files, actor=actor, organisation_id=assignment.organisation_id, now=beat.at
    ) if files else []  # fmt: skip
    kind: Any = beat.act
    progress.record_update(
        session, assignment, actor=actor, now=beat.at, kind=kind, as_of=beat.as_of or local_date(beat.at),
        version=assignment.version, quantity=beat.quantity, note=beat.note, problem=beat.problem,
        next_step=beat.next_step, reason=beat.reason, evidence=[file.id for file in attached],
    )  # fmt: skip


def _report(stage: Stage, session: Session, report: MonthlyReport, beat: ReportBeat) -> None:
    actor, now = stage.cast.actors[beat.by], beat.at
    if beat.act == "submit":
        if beat.remark or beat.problems:
            reports.save_remark(
                session, report, actor=actor, now=_a_little_before(now), remark=beat.remark, problems=beat.problems,
                version=report.version,
            )  # fmt: skip
        try:
            _submit(session, report, actor, beat)
        except reports.NotReady as unready:
            _state_what_was_due(session, report, unready.findings, actor, _a_little_before(now))
            _submit(session, report, actor, beat)
    elif beat.act == "correct":
        reports.correct(session, report, actor=actor, now=now, reason=beat.reason, version=report.version)
    else:
        lines = _pointed_at(session, report, beat.lines) if beat.lines else []
        reports.decide(
            session, report, actor=actor, now=now, decision=beat.act, version=report.version, reason=beat.reason,
            lines=lines,
        )  # fmt: skip


def _submit(session: Session, report: MonthlyReport, actor: Actor, beat: ReportBeat) -> None:
    reports.submit(session, report, actor=actor, now=beat.at, version=report.version, confirm_check=True,
                   missing_reason=beat.waits_no_longer)  # fmt: skip


def _state_what_was_due(
    session: Session, report: MonthlyReport, found: Iterable[Finding], actor: Actor, now: datetime
) -> None:
    """Whoever files says of what was due and was never spoken of that it is not done yet: no report goes without."""
    for each in found:
        row = get_assignment(session, each.assignment, actor)
        progress.record_update(
            session, row, actor=actor, now=now, kind="progress", as_of=report.cutoff, version=row.version,
            quantity=Decimal(0), note=reporting.NOT_DONE_YET,
        )  # fmt: skip


def _pointed_at(session: Session, report: MonthlyReport, count: int) -> list[dict[str, Any]]:
    """The lines a return names: those that need attention most."""
    content = get_revision(session, report.id, report.revision).content
    wanted = (attention_first(content["lines"]) or content["lines"])[:count]
    return [
        {"assignment": line["assignment"], "reason": reason}
        for line, reason in zip(wanted, reporting.LINE_REASONS, strict=False)
    ]


def _a_little_before(now: datetime) -> datetime:
    return now - timedelta(minutes=4)
