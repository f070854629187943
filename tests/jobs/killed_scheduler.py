"""The real scheduler as a process that kills itself with SIGKILL at a named point. Started by test_kill.py.

Arguments: the database's address, the SMTP port, the point ("none" for a scheduler that lives). Nothing here replaces
what is tested: the points are put around it, and leases are made short so that a test need not wait for minutes.
"""

import os
import signal
import smtplib
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from tasks import deliver, runner
from tasks.schedule import BY_NAME
from webapp.db import Database
from webapp.mail import service as mail
from webapp.reminders import service as reminders
from webapp.settings import Settings

SHORT = timedelta(seconds=1)
POINTS = ("after-claim", "before-commit", "after-commit", "before-data", "after-250")


def die(*_: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before(module: Any, name: str, condition: Callable[..., bool] = lambda *_, **__: True) -> None:
    """Die when a function is about to be called with arguments that meet a condition."""
    original = getattr(module, name)

    def killing(*args: Any, **kwargs: Any) -> Any:
        if condition(*args, **kwargs):
            die()
        return original(*args, **kwargs)

    setattr(module, name, killing)


def around_commit(moment: str) -> None:
    """Die before or after the commit of the transaction that recorded reminders."""
    original = reminders.record_owed

    def marking(session: Session, **kwargs: Any) -> Any:
        owed = original(session, **kwargs)
        event.listen(session, moment, die)
        return owed

    reminders.record_owed = marking


def arm(point: str) -> None:
    if point == "after-claim":
        before(runner, "run_slot", lambda _db, _settings, job, *_, **__: job.name == "reminders")
    elif point in ("before-commit", "after-commit"):
        around_commit(point.replace("-", "_"))
    elif point == "before-data":
        before(smtplib.SMTP, "data")
    elif point == "after-250":
        before(mail, "record")


def main() -> None:
    url, port, point = sys.argv[1:]
    brief = {"reminders": BY_NAME["reminders"].run, "deliver": partial(deliver.run, lease=SHORT)}
    jobs = [replace(BY_NAME[name], lease=SHORT, run=run) for name, run in brief.items()]
    arm(point)
    runner.run_scheduler(Database(url), Settings(smtp_port=int(port)), jobs=jobs)


if __name__ == "__main__":
    main()
