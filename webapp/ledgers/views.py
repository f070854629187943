"""Pages of the ledgers; they register themselves.

`list_pages` show a ledger and hand it out, `row_pages` one row and what may be done with it, `form_pages` add and
change rows, `import_pages` take files over, `sample_pages` are for the level above.
"""

from webapp.ledgers import form_pages, import_pages, list_pages, row_pages, sample_pages
from webapp.ledgers.blueprint import blueprint

__all__ = ["blueprint", "form_pages", "import_pages", "list_pages", "row_pages", "sample_pages"]
