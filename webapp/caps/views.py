"""Pages of off-peak production; importing this module registers all of them."""

from webapp.caps import city_pages, deciding_pages, exchange_pages, filing_pages, list_pages, register_pages
from webapp.caps.blueprint import blueprint

__all__ = [
    "blueprint",
    "city_pages",
    "deciding_pages",
    "exchange_pages",
    "filing_pages",
    "list_pages",
    "register_pages",
]
