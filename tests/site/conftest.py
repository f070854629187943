"""Fixtures of the tests that walk the whole site."""

import pytest

from tests.site.subjects import Subjects, find
from tests.support.site import Site


@pytest.fixture(scope="session")
def subjects(shared_site: Site) -> Subjects:
    """Ids of Baoding's things in the lived-in plan (the same in every copy of it)."""
    return find(shared_site)
