"""The installation in figures, as Prometheus reads them. Everything is asked of the database, nothing kept in memory.

The one costly figure is what is owed now: it asks the rule of reminders, on the facts, as a dry run. On rest days and
before the morning's hour that costs nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import TypeVar

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from webapp.db import Instance
from webapp.jobs import pulse
from webapp.jobs.models import SLOT_STATES
from webapp.jobs.rules import Alarm, silence
from webapp.jobs.service import TOOK
from webapp.mail import figures as mail
from webapp.reminders.figures import owed_now, recorded_since

DAY = timedelta(days=1)
# Mapping is invariant in its keys, so that "any tuple of words" has to be spelled out.
Key = TypeVar("Key", tuple[str], tuple[str, str])
Measured = datetime | timedelta | float | None


def text(session: Session, *, now: datetime, facts: Instance | None) -> tuple[bytes, str]:
    """All figures at an instant, and their content type. The registry is made for this one answer."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(session, now, facts.clock_offset_seconds if facts else 0))
    return generate_latest(registry), CONTENT_TYPE_LATEST


class _Figures(Collector):
    def __init__(self, session: Session, now: datetime, offset: int) -> None:
        self._session, self._now, self._offset = session, now, offset
        self._pulse = pulse.pulse(session)

    def describe(self) -> Iterator[Metric]:
        """Nothing beforehand: registering must not ask the database."""
        return iter(())

    def collect(self) -> Iterator[Metric]:
        """Every figure, room by room."""
        yield _labelled("build_info", "Always 1; which version runs.", ("version",), {(version("lantian"),): 1})
        yield _gauge("clock_offset_seconds", "Product time minus real time; 0 in production.", self._offset)
        yield from self._scheduler()
        yield from self._jobs()
        yield from self._mail()
        yield from self._reminders()

    def _scheduler(self) -> Iterator[Metric]:
        found = self._pulse
        age, alarm = found.age(self._now), found.alarm(self._now)
        yield _gauge(
            "scheduler_age_seconds",
            "Since a scheduler last showed itself; -1 when none ever did.",
            -1 if age is None else age.total_seconds(),
        )
        yield _labelled(
            "alarm",
            "1 where the pages show an alarm: silent (no scheduler), partly_silent (some jobs unserved), failing.",
            ("kind",),
            {(str(kind),): float(kind is alarm) for kind in Alarm},
        )

    def _jobs(self) -> Iterator[Metric]:
        found = {job.name: job for job in pulse.jobs_health(self._session)}
        ages = {name: silence(job.seen_at, self._pulse.moved_to, self._now) for name, job in found.items()}
        yield _by_job("job_age_seconds", "Since a process that serves the job last showed itself.", ages)
        yield _by_job(
            "job_last_run_timestamp_seconds", "When a slot was last begun, in product time.",
            {name: job.last_run for name, job in found.items()},
        )  # fmt: skip
        yield _by_job(
            "job_last_success_timestamp_seconds", "When a slot was last done, in product time.",
            {name: job.last_done for name, job in found.items()},
        )  # fmt: skip
        yield _by_job(
            "job_last_duration_seconds", "How long the last slot that was done took.",
            {name: job.last_summary.get(TOOK) for name, job in found.items()},
        )  # fmt: skip
        yield _by_job(
            "job_failures_in_a_row", "Attempts that failed since a slot was last done.",
            {name: job.failures for name, job in found.items()},
        )  # fmt: skip
        counted = pulse.slots_by_state(self._session)
        slots = {(name, state): counted.get((name, state), 0) for name in found for state in SLOT_STATES}
        yield _labelled("job_slots", "Slots that are kept, by state.", ("job", "state"), slots)

    def _mail(self) -> Iterator[Metric]:
        counted, due = mail.by_state_and_channel(self._session), mail.oldest_due_at(self._session)
        waiting = max(self._now - due, timedelta()) if due else timedelta()
        yield _labelled("mails", "Messages by state and channel.", ("state", "channel"), counted)
        yield _gauge(
            "mail_oldest_due_seconds", "How long the oldest message that is due has waited.", waiting.total_seconds()
        )
        yield _gauge("address_flags", "Addresses a server refused for good.", mail.flags(self._session))

    def _reminders(self) -> Iterator[Metric]:
        total, lately = recorded_since(self._session, self._now - DAY)
        yield CounterMetricFamily("lantian_reminders_recorded", "Reminders in the ledger.", value=total)
        yield _gauge("reminders_recorded_last_day", "Reminders recorded in the last 24 hours.", lately)
        yield _gauge("reminders_owed", "Reminders owed now and not recorded.", owed_now(self._session, now=self._now))


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"lantian_{name}", help_text, value=value)


def _labelled(name: str, help_text: str, labels: tuple[str, ...], values: Mapping[Key, float]) -> Metric:
    family = GaugeMetricFamily(f"lantian_{name}", help_text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _by_job(name: str, help_text: str, values: Mapping[str, Measured]) -> Metric:
    """A figure for each job; jobs that have none yet are left out."""
    known = {(job,): _seconds(value) for job, value in values.items() if value is not None}
    return _labelled(name, help_text, ("job",), known)


def _seconds(value: datetime | timedelta | float) -> float:
    if isinstance(value, datetime):
        return value.timestamp()
    return value.total_seconds() if isinstance(value, timedelta) else float(value)
