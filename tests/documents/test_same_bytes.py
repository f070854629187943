"""The same document gives the same bytes: twice here, and in another process at another time."""

import subprocess
import sys

import pytest

from tests.documents.samples import HOSTILE, bulletin, draft, hostile
from webapp.documents.faces import FACES

PROGRAM = """
import hashlib, sys
from tests.documents.samples import draft
from webapp.documents.faces import FACES
for face in FACES.values():
    print(hashlib.sha256(face.make(draft("zh"))).hexdigest())
"""


@pytest.mark.parametrize("face", FACES)
def test_twice_in_one_process(face: str) -> None:
    make = FACES[face].make
    for document in (bulletin("zh"), bulletin("en"), hostile(HOSTILE)):
        assert make(document) == make(document)


def test_in_a_second_process_with_another_clock_zone_and_hash_seed() -> None:
    import hashlib

    other = {"TZ": "America/New_York", "PYTHONHASHSEED": "7", "LANG": "C", "SOURCE_DATE_EPOCH": "1"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True, timeout=120, env=other
    )
    assert done.stdout.split() == [hashlib.sha256(face.make(draft("zh"))).hexdigest() for face in FACES.values()]


def test_in_many_threads_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    documents = [bulletin("zh"), draft("en"), hostile(HOSTILE), bulletin("en")]
    expected = [FACES["pdf"].make(document) for document in documents]
    with ThreadPoolExecutor(4) as threads:
        made = list(threads.map(FACES["pdf"].make, documents * 3, timeout=60))
    assert made == expected * 3


def test_another_date_gives_other_bytes() -> None:
    from dataclasses import replace
    from datetime import date

    document = bulletin("en")
    for face in FACES.values():
        assert face.make(document) != face.make(replace(document, issued=date(2017, 11, 1)))
