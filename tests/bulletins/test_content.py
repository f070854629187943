"""What a document says, from hand-made frozen reports; and that the same reports give the same bytes."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.bulletins.made import AUGUST, SEPTEMBER, correction, facts, line, source
from webapp.bulletins import content
from webapp.bulletins.content import Release, body
from webapp.bulletins.faces import document_of, file_name, made
from webapp.bulletins.figures import LIGHTS, figures
from webapp.bulletins.rules import Period
from webapp.clock import parse_instant
from webapp.documents.model import Bars, Document, Paragraph, Table
from webapp.reports.rules import canonical, digest

PUBLISHED = Release(1, 2017, 8, parse_instant("2017-10-12T09:30"), "徐静怡")


def north(**values: Any) -> list[Any]:
    """A province and its two cities: one accepted, one missing."""
    return [
        source("north", [line("done", completion="1.2"), line("standing", completion="0")], kind="province",
               parent="region"),
        source("east", [line("behind", completion="0.4"), line("overdue", clause="m-2", completion="0.3"),
                        line("standing", completion=None)], first={"lines": 3, "silent": 1}, **values),
        source("west", None),
    ]  # fmt: skip


def test_figures_worked_out_by_hand() -> None:
    first = [line("done", completion="1.5"), line("behind", completion="0.4"), line("standing")]
    second = [line("awaiting", completion=None), line("not_started", completion="0", silent_months=2)]
    found = figures([first, second])
    assert found == {
        "lines": 5, "dated": 4, "done": 1, "awaiting": 1, "on_pace": 0, "behind": 1, "overdue": 0, "not_started": 1,
        "standing": 1, "silent": 1, "measured": 3, "completion": "0.4667",
    }  # fmt: skip


def test_a_province_sums_itself_and_its_cities_without_those_that_did_not_report() -> None:
    made_ = body(facts(*north()))
    [group] = made_["groups"]
    total = group["sum"]
    assert group["members"] == ["north", "east", "west"]
    assert (total["organisations"], total["reports"], total["filed"], total["counted"]) == (3, 3, 2, 2)
    assert (total["on_time"], total["missing"], total["accepted"]) == (2, 1, 2)
    # The average of two of two lines and two of three; the city that filed nothing has none.
    assert total["completeness"] == "0.8334"
    # done 1.2 counts as 1; 1, 0.4, 0.3
    assert (total["figures"]["dated"], total["figures"]["completion"]) == (3, "0.5667")
    west = next(each for each in made_["organisations"] if each["code"] == "west")
    assert west["figures"] is None
    assert west["reports"][0]["state"] == "missing"


def test_ministries_are_counted_apart() -> None:
    made_ = body(facts(*north(), source("mep", [line("done")], kind="ministry", parent="region", light=True)))
    assert made_["totals"]["areas"]["reports"] == 3
    assert made_["totals"]["others"]["figures"]["done"] == 1
    assert [each["code"] for each in made_["groups"]] == ["north"]


def test_measures_name_the_places_behind_in_the_plans_order() -> None:
    made_ = body(facts(*north(), clauses=["m-2", "m-1"]))
    assert [(each["clause"], [place["code"] for place in each["places"]]) for each in made_["measures"]] == [
        ("m-2", ["east"]), ("m-1", ["east"]),
    ]  # fmt: skip
    assert set(made_["tasks"]) == {"m-1-behind", "m-2-overdue"}


def test_lateness_is_the_first_submissions_and_knows_no_today() -> None:
    made_ = body(facts(source("east", [line("done")], days_late=2), source("west", None)))
    reports = {each["code"]: each["reports"][0] for each in made_["organisations"]}
    assert (reports["east"]["timeliness"], reports["east"]["days_late"]) == ("late", 2)
    assert (reports["west"]["timeliness"], reports["west"]["days_late"]) == ("missing", 0)


def test_a_quarter_takes_its_last_months_figures_and_all_its_reports() -> None:
    quarter = Period("upward", "2017-Q3", (AUGUST, SEPTEMBER))
    earlier = source("east", [line("overdue")], month=AUGUST, due=date(2017, 9, 8), days_late=1)
    made_ = body(facts(earlier, source("east", [line("done", completion="1")]), period=quarter))
    [east] = made_["organisations"]
    assert [each["month"] for each in east["reports"]] == ["2017-08", "2017-09"]
    assert (east["figures"]["done"], east["figures"]["overdue"]) == (1, 0)
    assert [(each["month"], each["late"]) for each in made_["filing"]] == [("2017-08", 1), ("2017-09", 0)]
    assert (made_["totals"]["areas"]["reports"], made_["totals"]["areas"]["organisations"]) == (2, 1)


def test_a_missing_last_month_is_not_filled_from_the_one_before() -> None:
    quarter = Period("upward", "2017-Q3", (AUGUST, SEPTEMBER))
    earlier = source("east", [line("done")], month=AUGUST)
    [east] = body(facts(earlier, source("east", None), period=quarter))["organisations"]
    assert east["figures"] is None


def test_corrections_are_told_once() -> None:
    told = facts(*north(), corrections=[correction("R-1"), correction("R-2")], told=frozenset({"R-1"}))
    assert [each["receipt"] for each in body(told)["corrections"]] == ["R-2"]


def test_a_further_issue_names_the_one_it_amends_and_whose_reports_changed() -> None:
    first = content.published(content.draft(body(facts(*north())), "要求", ""), PUBLISHED)
    again = content.draft(body(facts(*north(revision=2, sha256="b" * 64))), "要求", "", first)
    assert again["amends"]["number"] == 8
    assert again["amends"]["sha256"] == digest(first)
    assert again["amends"]["changed"] == [{"code": "east", "month": "2017-09", "from": 1, "to": 2}]
    assert not content.says_the_same(first, again)
    same = content.draft(body(facts(*north())), "要求", "", first)
    assert content.says_the_same(first, same)


# --- the same bytes


LINES = st.lists(
    st.builds(
        line,
        st.sampled_from([label for under in LIGHTS.values() for label in under]),
        st.sampled_from(["m-1", "m-2"]),
        completion=st.none() | st.decimals(0, 3, places=4).map(lambda share: f"{share:f}"),
        silent_months=st.integers(0, 3),
        problem=st.text(max_size=30),
    ),
    max_size=6,
)


@given(LINES, LINES)
def test_sums_add_up_and_the_same_reports_give_the_same_content(east: list[Any], west: list[Any]) -> None:
    sources = [source("east", east), source("west", west)]
    first, second = body(facts(*sources)), body(facts(*(replace(each) for each in sources)))
    assert canonical(first) == canonical(second)
    assert json.loads(canonical(first)) == first
    total = first["totals"]["areas"]["figures"]
    assert total["lines"] == len(east) + len(west)
    assert sum(total[light] for light in LIGHTS) == total["lines"]
    assert total["dated"] == total["lines"] - total["standing"]
    assert sum(each["figures"]["lines"] for each in first["measures"]) == total["lines"]


@pytest.mark.parametrize("form", ["pdf", "docx", "xlsx", "json"])
@pytest.mark.parametrize("kind", ["bulletin", "upward"])
def test_files_are_the_same_bytes_every_time(form: str, kind: str) -> None:
    prepared = content.draft(body(facts(*north())), "一要压实责任。", "") | {"kind": kind}
    first, second = (made(prepared, "zh", digest(prepared), form)[0] for _ in range(2))
    assert first == second
    assert len(first) > 500


# --- the document


def texts(document: Document) -> str:
    """All words of a document but its charts'."""
    words = [document.title, document.number, document.draft, *document.notes]
    for block in document.blocks:
        if isinstance(block, Table):
            words += [block.caption, block.note, block.empty if not block.rows else ""]
            words += [cell.text for row in block.rows for cell in row.cells]
        elif isinstance(block, Paragraph):
            words += [block.lead + block.text]
        elif not isinstance(block, Bars):
            words += [getattr(block, "text", ""), *getattr(block, "texts", ())]
    return "\n".join(words)


def test_the_documents_words_in_chinese() -> None:
    told = content.published(
        content.draft(body(facts(*north(days_late=2))), "一要压实责任。\n\n二要赶进度。", ""), PUBLISHED
    )
    document = document_of(told, "zh", digest(told))
    words = texts(document)
    assert document.title == "关于2017年9月工作进展调度情况的通报"
    assert (document.number, document.draft, document.issued) == ("〔2017〕第8期", "", date(2017, 10, 12))
    assert "应报3份，其中省（市）3份、部门和中央企业0份。实际报送2份，其中按时1份、迟报1份；未报1份。" in words
    assert "有期限的任务3项" in words
    assert "办结1项，待核验0项，进度正常0项，滞后1项，逾期1项，未开始0项；其中3项已有完成数据，平均完成率56.7%" in words
    assert "2项措施中，2项有滞后或逾期任务" in words
    assert "迟报2天" in words
    assert "一要压实责任。\n二要赶进度。" in words
    assert digest(told) in words


def test_a_draft_says_so_and_has_no_number() -> None:
    told = content.draft(body(facts(*north(state="submitted"))), "", "")
    document = document_of(told, "en", digest(told))
    assert (document.draft, document.number) == ("Draft", "")
    assert "Not accepted yet: East City (waiting for review)." in texts(document)
    assert "5. What follows" not in texts(document)


@pytest.mark.parametrize("kind", ["bulletin", "upward"])
def test_english_is_complete(kind: str) -> None:
    told = content.draft(body(facts(*north())), "", "First things first.") | {"kind": kind}
    words = texts(document_of(told, "en", digest(told)))
    assert not [each for each in words if "\u3400" <= each <= "\u9fff"]
    assert "First things first." in words


def test_nothing_filed_at_all() -> None:
    told = content.draft(body(facts(source("east", None))), "", "")
    for language in ("zh", "en"):
        document = document_of(told, language, digest(told))
        assert document.issued == date(2017, 9, 30)
        assert "未报" in texts(document) or "Missing" in texts(document)


def test_file_names() -> None:
    told = content.draft(body(facts(*north())), "", "")
    assert file_name(told, "zh", "pdf") == "small-bulletin-2017-09-draft-zh.pdf"
    assert file_name(content.published(told, PUBLISHED), "en", "json") == "small-bulletin-2017-09-1.json"
