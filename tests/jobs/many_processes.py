"""A scheduler or a deliverer as a process that can be killed. Started by test_many.py.

Arguments: the role, the database's address, the SMTP port. It is the product's own entry; only the leases are short, so
that a test need not wait for minutes until what a killed process held is taken over.
"""

import logging
import sys
from dataclasses import replace
from datetime import timedelta
from functools import partial

from tasks import deliver, runner
from tasks.schedule import JOBS, Job
from webapp.db import Database
from webapp.settings import Settings

SLOT, CLAIM = timedelta(seconds=3), timedelta(seconds=8)


def brief(job: Job) -> Job:
    """A job with short leases."""
    run = partial(deliver.run, lease=CLAIM) if job.name == "deliver" else job.run
    return replace(job, lease=SLOT, run=run)


def main() -> None:
    role, url, port = sys.argv[1:]
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(process)d %(levelname)s %(name)s %(message)s")
    database, settings = Database(url), Settings(smtp_port=int(port), secret_key="k" * 32)
    if role == "deliverer":
        deliver.run_deliverer(database, settings, lease=CLAIM)
    else:
        runner.run_scheduler(database, settings, jobs=[brief(job) for job in JOBS])


if __name__ == "__main__":
    main()
