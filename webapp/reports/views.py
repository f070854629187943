"""Pages of the monthly report; they register themselves.

`list_pages` are the tables, `draft_pages` the report while it is written, `check_pages` confirm and send it,
`review_pages` show what was frozen, decide on it and correct it.
"""

from webapp.reports import check_pages, draft_pages, list_pages, review_pages
from webapp.reports.blueprint import blueprint

__all__ = ["blueprint", "check_pages", "draft_pages", "list_pages", "review_pages"]
