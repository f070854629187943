"""Mail delivery: claim a batch, word and send each mail outside any transaction, record what the server said.

A crash between the server's 250 and its record sends that one mail again, under the same Message-ID; any other crash
sends nothing twice and loses nothing.
"""

import logging
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from webapp.clock import real_now
from webapp.db import Database
from webapp.mail import queries, service
from webapp.mail.message import Renderers, build
from webapp.mail.rules import Fate
from webapp.mail.service import ClaimedMail
from webapp.mail.smtp import Connection, Outcome
from webapp.progress import emails as progress
from webapp.reminders import emails as reminders
from webapp.reports import emails as reports
from webapp.settings import Settings

BATCH = 50
# A run ends after this long (real time), so that the slot's lease outlasts it; the next minute goes on.
LONGEST = timedelta(seconds=45)

# Which function words which template. A mail whose template is missing here is parked, not lost.
RENDERERS: Renderers = {"digest": reminders.render_digest, **progress.RENDERERS, **reports.RENDERERS}

log = logging.getLogger(__name__)


def run(
    database: Database,
    *,
    slot: datetime,  # noqa: ARG001 - every job has the same signature
    now: datetime,
    settings: Settings,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Deliver what is due; gives how many mails were sent, retried and parked."""
    if dry_run:
        with database.reading() as session:
            return {"would_send": queries.due_addresses(session, now=now)}
    return deliver(database, settings, RENDERERS, now=now)


def deliver(database: Database, settings: Settings, renderers: Renderers, *, now: datetime) -> dict[str, Any]:
    """Send batch after batch until nothing is due, the server is away or LONGEST has passed."""
    owner, end, counts = uuid4().hex, real_now() + LONGEST, Counter[str]()
    with database.transaction() as session:
        counts["released"] = service.release_expired(session)
    while real_now() < end:
        with database.transaction() as session:
            batch = service.claim_batch(session, owner=owner, limit=BATCH, now=now)
        if not batch:
            break
        result = _send_batch(database, settings, renderers, batch, now=now)
        counts += result
        if not result["sent"] and not result["parked"]:
            break
    return {word: counts[word] for word in ("sent", "retried", "parked", "released")}


def _send_batch(
    database: Database, settings: Settings, renderers: Renderers, batch: Sequence[ClaimedMail], *, now: datetime
) -> Counter[str]:
    counts = Counter[str]()
    with Connection(settings) as connection:
        for place, mail in enumerate(batch):
            if not mail.may_still_be_sent():
                with database.transaction() as session:
                    service.give_back(session, batch[place:])
                break
            outcome, subject = _send(connection, settings, renderers, mail, now=now)
            with database.transaction() as session:
                counts[service.record(session, mail, outcome, subject=subject, now=now)] += 1
    return counts


def _send(
    connection: Connection, settings: Settings, renderers: Renderers, mail: ClaimedMail, *, now: datetime
) -> tuple[Outcome, str]:
    """Word and send one mail. What cannot be worded is parked: the next try would fail the same way."""
    try:
        rendered = renderers[mail.template]({**mail.payload, "base_url": settings.public_url}, mail.locale)
        message = build(
            rendered, sender=settings.mail_from, to=mail.address, message_id=mail.message_id, now=now
        )  # fmt: skip
    except Exception as error:  # one mail that cannot be worded must not keep the others back
        log.exception("mail %d cannot be worded", mail.id)
        return Outcome(Fate.REFUSED, f"{type(error).__name__}: {error}"), ""
    return connection.send(message, mail.address), rendered.subject
