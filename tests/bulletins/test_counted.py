"""Ledgers and off-peak production over many places: from frozen sections alone, and nothing where there are none."""

import pytest

from tests.bulletins.made import content, facts, line, source
from tests.bulletins.sectioned import cap, ledger
from webapp.bulletins import counted
from webapp.bulletins.content import Content, body, draft
from webapp.bulletins.faces import document_of, made
from webapp.documents.model import Table
from webapp.documents.tongue import Language, Tongue


def period() -> Content:
    """A province without either; a city with both; one whose households count by what they add up to."""
    both = content([line("done")], ledgers=[ledger(), ledger("list", by="listed")], caps=[cap(suspects=2)])
    sums = {"listed": "5000", "late": "0", "removed": "0", "done": "4999", "verified": "0"}
    homes = ledger("households", by="quantity", sums=sums, share="0.9998", verified_share="0")
    return draft(
        body(
            facts(
                source("north", [line("done")], kind="province", parent="region"),
                source("east", [], content=both),
                source("west", [], content=content([], ledgers=[homes])),
            )
        ),
        "", "",
    )  # fmt: skip


def shown(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row.cells] for row in table.rows]


def test_cities_by_ledger_and_by_sector() -> None:
    """Done and verified of listed; a list that is only to be kept is in neither; a share is never rounded up."""
    told = period()
    done, verified, caps = counted.tables(Tongue("zh"), told, {"north": "北", "east": "东", "west": "西"})
    assert shown(done) == [["东", "3/4", "—"], ["西", "—", "4,999/5,000"]]
    assert shown(verified) == [["东", "1/4", "—"], ["西", "—", "0/5,000"]]
    assert done.rows[1].cells[2].number == 0.9998
    assert shown(caps) == [["东", "钢铁", "≥ 50%", "3", "49.99%", "52%", "2", "绿灯"]]


def test_many_kinds_of_ledgers_are_several_tables() -> None:
    """Of seven kinds five stand in the first table; each sheet of the workbook has a name of its own."""
    one = content([], ledgers=[ledger(f"k{n}") for n in range(7)])
    told = draft(body(facts(source("east", [], content=one))), "", "")
    found = list(counted.tables(Tongue("zh"), told, {"east": "东"}))
    assert [(each.sheet, len(each.columns)) for each in found] == [
        ("台账完成", 6), ("台账完成 2", 3), ("台账核实", 6), ("台账核实 2", 3),
    ]  # fmt: skip


def test_without_sections_there_are_no_tables_and_the_content_is_as_before() -> None:
    told = body(facts(source("east", [line("done")])))
    assert not told.keys() & {"ledgers", "caps"}
    assert list(counted.blocks(Tongue("zh"), told)) == []
    assert counted.sentences(Tongue("en"), [content([])]) == ""


@pytest.mark.parametrize("kind", ["bulletin", "upward"])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_documents_carry_the_tables(kind: str, language: Language) -> None:
    told = period() | {"kind": kind}
    sheets = [block.sheet for block in document_of(told, language, "a" * 64).blocks if isinstance(block, Table)]
    wanted = {"zh": {"台账完成", "错峰生产"}, "en": {"Ledgers done", "Off-peak production"}}[language]
    assert wanted <= set(sheets)
    assert made(told, language, "a" * 64, "xlsx")[0] == made(told, language, "a" * 64, "xlsx")[0]


def test_a_leader_reads_it_in_a_sentence() -> None:
    """A province's are those of its cities together."""
    one = content([], ledgers=[ledger()], caps=[cap()])
    two = content([], caps=[cap(light="red")])
    assert counted.sentences(Tongue("zh"), [one]) == "boilers台账完成3/4，核实1；钢铁停产49.99%（≥ 50%，绿灯）。"
    told = counted.sentences(Tongue("en"), [one, two])
    assert told == "Boilers: 3 of 4 done, 1 verified; Steel in 2 cities (Red 1, Green 1)."
