"""Pages of bulletins and reports upward; they register themselves.

`reading_pages` show what is published and hand it out as files, `draft_pages` are the region's coordinators' own,
`briefing_pages` give an organisation's report as one page for its leader.
"""

from webapp.bulletins import briefing_pages, draft_pages, reading_pages
from webapp.bulletins.blueprint import blueprint

__all__ = ["blueprint", "briefing_pages", "draft_pages", "reading_pages"]
