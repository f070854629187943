"""The table of everything that runs by itself. Times are Shanghai time, five fields as in crontab.

`every`: each missed slot is run, oldest first (a month's reports are opened even a month late). `latest`: only the
newest missed slot is run, because one run makes good all the earlier ones. A lease is how long a slot may take before
another process supposes its owner dead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from tasks import caps, deliver, index, open_reports, relight, reminders, rollup, sweep, tally
from tasks.turn import Turn
from webapp.jobs.service import JobFacts

# What a job does in one turn; gives a summary for the operators' page.
Run = Callable[[Turn], dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the table."""

    name: str
    cron: str
    catch_up: Literal["every", "latest"]
    lease: timedelta
    title_zh: str
    title_en: str
    run: Run

    @property
    def facts(self) -> JobFacts:
        """The part that is written into the database."""
        return JobFacts(self.name, self.cron, self.catch_up, self.title_zh, self.title_en)


def _minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


# Where slots of one instant meet, the order of the rows is the order of work: lights before reminders before mail.
JOBS: tuple[Job, ...] = (
    Job("caps", "5 0 * * *", "latest", _minutes(10), "错峰生产台账计数", "Count off-peak registers", caps.run),
    Job("relight", "10 0 * * *", "latest", _minutes(10), "更新亮灯状态", "Update lights", relight.run),
    Job("open_reports", "20 0 25 * *", "every", _minutes(10), "生成当月月报", "Open monthly reports", open_reports.run),
    Job("rollup", "0 2 * * *", "latest", _minutes(30), "月度汇总", "Monthly roll-up", rollup.run),
    Job("sweep", "30 3 * * *", "latest", _minutes(10), "清理运行记录", "Sweep old run records", sweep.run),
    Job("reminders", "0,30 7-20 * * *", "latest", _minutes(10), "生成提醒邮件", "Work out reminders", reminders.run),
    Job("tally", "* * * * *", "latest", _minutes(5), "汇总亮灯变化", "Add up changes of lights", tally.run),
    Job("deliver", "* * * * *", "latest", _minutes(5), "发送邮件", "Deliver mail", deliver.run),
    Job("index", "* * * * *", "latest", _minutes(10), "更新搜索索引", "Update the search index", index.run),
)

BY_NAME: Mapping[str, Job] = {job.name: job for job in JOBS}
