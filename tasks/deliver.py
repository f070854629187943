"""Delivery: claim a batch, word and send each message outside any transaction, record what the other side said.

A crash between the server's 250 and its record sends that one mail again, under the same Message-ID; any other crash
sends nothing twice and loses nothing. Channels do not wait for each other: each has a thread of its own.
"""

import logging
import signal
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tasks.turn import Turn
from webapp.bulletins import emails as bulletins
from webapp.clock import real_now
from webapp.db import Database
from webapp.jobs import service as jobs
from webapp.mail import queries, service, smtp
from webapp.mail.channels import Channel, Outcome
from webapp.mail.message import Prepared, Renderers
from webapp.mail.rules import Fate
from webapp.mail.service import ClaimedMail
from webapp.mail.unsubscribe import unsubscribe_url
from webapp.progress import emails as progress
from webapp.reminders import emails as reminders
from webapp.reports import emails as reports
from webapp.robots import daily as robots
from webapp.robots import words as robot_words
from webapp.settings import Settings

# Mails claimed together and sent over one connection.
BATCH = 100
# A run ends after this long (real time), so that the slot's lease outlasts it; the next minute goes on.
LONGEST = timedelta(seconds=45)
# So many mails in a row without a connection, and the rest of the channel's mails waits untried.
AWAY = 2
WORDS = ("sent", "retried", "parked", "released")

# Which function words which template. A mail whose template is missing here is parked, not lost.
RENDERERS: Renderers = {
    **reminders.RENDERERS, **robot_words.RENDERERS, **progress.RENDERERS, **reports.RENDERERS, **bulletins.RENDERERS,
}  # fmt: skip

# How each channel is opened. Rows of a channel that is missing here wait for a deliverer that knows it.
Opener = Callable[[Database, Settings], Channel]
CHANNELS: Mapping[str, Opener] = {
    "mail": lambda _database, settings: smtp.Connection(settings),
    "robot": robots.open_channel,
}

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Round:
    """What one delivery works with: `now` is product time, `end` real time."""

    database: Database
    settings: Settings
    renderers: Renderers
    now: datetime
    end: datetime
    stop: threading.Event
    lease: timedelta = service.CLAIM_LEASE
    owner: str = field(default_factory=lambda: uuid4().hex)

    def is_over(self) -> bool:
        """Whether its time is up, or somebody asked it to end."""
        return self.stop.is_set() or real_now() >= self.end


def run(turn: Turn, *, lease: timedelta = service.CLAIM_LEASE) -> dict[str, Any]:
    """Deliver what is due; gives how many mails were sent, retried and parked."""
    if turn.dry_run:
        with turn.database.reading() as session:
            return {"would_send": queries.due_addresses(session, now=turn.now)}
    return deliver(turn.database, turn.settings, RENDERERS, now=turn.now, lease=lease)


def deliver(
    database: Database,
    settings: Settings,
    renderers: Renderers,
    *,
    now: datetime,
    longest: timedelta = LONGEST,
    stop: threading.Event | None = None,
    lease: timedelta = service.CLAIM_LEASE,
) -> dict[str, Any]:
    """Send batch after batch until nothing is due, the other side is away or `longest` has passed."""
    round_ = Round(database, settings, renderers, now, real_now() + longest, stop or threading.Event(), lease)
    with database.transaction() as session:
        released = service.release_expired(session)
    with database.reading() as session:
        due = [name for name in CHANNELS if name in service.due_channels(session, now=now)]
    counts = Counter[str](released=released)
    for result in _all_channels(round_, due):
        counts += result
    return {word: counts[word] for word in WORDS}


def _all_channels(round_: Round, names: Sequence[str]) -> Iterator[Counter[str]]:
    if len(names) < 2:
        yield from (_channel(round_, name) for name in names)
        return
    with ThreadPoolExecutor(len(names), "deliver") as threads:
        yield from threads.map(lambda name: _channel(round_, name), names)


def _channel(round_: Round, name: str) -> Counter[str]:
    counts = Counter[str]()
    while not round_.is_over():
        with round_.database.transaction() as session:
            batch = service.claim_batch(
                session, owner=round_.owner, limit=BATCH, now=round_.now, channel=name, lease=round_.lease
            )
        if not batch:
            break
        with CHANNELS[name](round_.database, round_.settings) as channel:
            result = _batch(round_, channel, batch)
        counts += result
        if result["away"] or not (result["sent"] or result["parked"]):
            break
    return counts


def _batch(round_: Round, channel: Channel, batch: Sequence[ClaimedMail]) -> Counter[str]:
    counts, in_vain = Counter[str](), 0
    for place, mail in enumerate(batch):
        if round_.stop.is_set() or in_vain == AWAY or not mail.may_still_be_sent():
            with round_.database.transaction() as session:
                service.give_back(session, batch[place:])
            counts["away"] += in_vain == AWAY
            break
        outcome, subject = _send(round_, channel, mail)
        with round_.database.transaction() as session:
            counts[service.record(session, mail, outcome, subject=subject, now=round_.now)] += 1
        in_vain = in_vain + 1 if outcome.away else 0
    return counts


def _send(round_: Round, channel: Channel, mail: ClaimedMail) -> tuple[Outcome, str]:
    """Word and send one message. What cannot be worded is parked: the next try would fail the same way."""
    try:
        prepared = _prepared(round_, mail)
    except Exception as error:  # one mail that cannot be worded must not keep the others back
        log.exception("mail %d cannot be worded", mail.id)
        return Outcome(Fate.REFUSED, f"{type(error).__name__}: {error}"), ""
    try:
        return channel.send(prepared, mail.address), prepared.rendered.subject
    except Exception as error:  # a channel does not raise; if one does, its messages wait and the deliverer lives
        log.exception("mail %d cannot be sent", mail.id)
        return Outcome(Fate.TRY_AGAIN, f"{type(error).__name__}: {error}"), prepared.rendered.subject


def _prepared(round_: Round, mail: ClaimedMail) -> Prepared:
    address = round_.settings.public_url
    rendered = round_.renderers[mail.template]({**mail.payload, "base_url": address}, mail.locale)
    unsubscribe = unsubscribe_url(address, round_.settings.secret_key, mail.person_id, mail.topic)
    return Prepared(rendered, mail.message_id, round_.now, unsubscribe)


# --- a process that does nothing else

# The row of the schedule this process stands in for.
JOB = "deliver"
PAUSE = 1.0
# Short rounds, so that what is sent carries the right minute.
ROUND = timedelta(seconds=5)


def run_deliverer(
    database: Database,
    settings: Settings,
    stop: threading.Event | None = None,
    *,
    lease: timedelta = service.CLAIM_LEASE,
) -> None:
    """Deliver until `stop` is set, or SIGTERM or SIGINT arrives; the mail that is being sent is finished first."""
    stop = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    log.info("deliverer started")
    while not stop.is_set():
        if not _round(database, settings, stop, lease):
            stop.wait(PAUSE)
    log.info("deliverer stopped")


def _round(database: Database, settings: Settings, stop: threading.Event, lease: timedelta) -> bool:
    """One round; whether it got anything done, so that the next may follow at once."""
    try:
        now = database.clock().now()
        with database.transaction() as session:
            jobs.show(session, JOB, now=now)
        counts = deliver(database, settings, RENDERERS, now=now, longest=ROUND, stop=stop, lease=lease)
    except Exception:  # the database may be away for a moment; what was claimed is released after its lease
        log.exception("a round was broken off")
        return False
    if any(counts.values()):
        log.info("%s", ", ".join(f"{word} {counts[word]}" for word in WORDS if counts[word]))
    return bool(counts["sent"] or counts["parked"])
