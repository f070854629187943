"""Pages of the monthly report; they register themselves.

`list_pages` are the tables, `draft_pages` the report while it is written, `figure_pages` put one figure right,
`check_pages` confirm and send it, `review_pages` show what was frozen, decide on it and correct it; `release_pages`
compare revisions and print them, `timeliness_pages` tell who reported in time, `spreadsheet.pages` let a draft be
filled in offline.
"""

from webapp.reports import (
    check_pages,
    draft_pages,
    figure_pages,
    list_pages,
    release_pages,
    review_pages,
    timeliness_pages,
)
from webapp.reports.blueprint import blueprint
from webapp.reports.spreadsheet import pages as spreadsheet_pages

__all__ = [
    "blueprint",
    "check_pages",
    "draft_pages",
    "figure_pages",
    "list_pages",
    "release_pages",
    "review_pages",
    "spreadsheet_pages",
    "timeliness_pages",
]
