"""On the 25th of a month its report is opened for everybody who files one, so that the draft fills before their eyes.

A report's first reminder can lie before the month's end, so it must be open by then. The month before is looked at too:
whoever joined, or a plan that was loaded, since its own 25th would otherwise have no report on it.
"""

from typing import Any

from tasks.turn import Turn
from webapp.clock import add_months, local_date
from webapp.reports import service


def run(turn: Turn) -> dict[str, Any]:
    """Open the reports on the newest month whose 25th has come by the slot, and on the one before.

    However late it is run; gives how many were new.
    """
    newest = service.newest_month(local_date(turn.slot))
    months = [add_months(newest, -1), newest]
    with turn.work() as session:
        opened = sum(service.open_reports(session, month=month, now=turn.now) for month in months)
    return {"months": [f"{month:%Y-%m}" for month in months], "opened": opened}
