"""The one page for a leader: from the frozen report alone, on one A4 page whatever it holds, for whom it is meant."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.bulletins.conftest import Region
from tests.bulletins.made import content, line
from tests.bulletins.sectioned import cap, ledger
from tests.bulletins.test_content import texts
from tests.bulletins.test_pages import World
from tests.support import tools
from webapp.bulletins.briefing import LONGEST_TITLE, MOST_WORRYING, briefing, cut
from webapp.documents.pdf import pictures
from webapp.documents.tongue import Language, Tongue
from webapp.documents.word import docx
from webapp.reports.models import ReportRevision

SHA = "a" * 64


def crowded(count: int = 40, cities: int = 14) -> tuple[dict[str, Any], dict[str, Any]]:
    """As much as a report can hold, in the longest words."""
    words = {"title_zh": "很长的任务名称" * 12, "title_en": "A very long title of a task " * 8}
    lines = [
        line("overdue", problem=f"第{n}个问题，" * 60, next_step=f"第{n}项打算，" * 60, **words) for n in range(count)
    ]
    lines += [line("done", this="3", **words) for _ in range(count)]
    named = [
        {"code": str(n), "name_zh": "名字很长的自治州人民政府", "name_en": "A prefecture of long name", "days_late": 2,
         "timeliness": "late", "sha256": f"{n}", "revision": 1, "state": "accepted"}
        for n in range(cities)
    ]  # fmt: skip
    kinds = [ledger(f"k{n}", name_zh="名称很长的一种台账", name_en="A ledger of long name") for n in range(9)]
    more = {"ledgers": kinds, "caps": [cap(f"s{n}") for n in range(10)]}
    frozen = {str(n): content(lines, **more) for n in range(cities)}
    return content(lines, problems="整体问题。" * 400, cities=named, days_late=12, **more), frozen


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("cities", [0, 14])
def test_it_fits_on_one_page(language: Language, cities: int) -> None:
    told, frozen = crowded(cities=cities)
    assert len(pictures(briefing(told, language, SHA, accepted=True, cities=frozen))) == 1


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("cities", [0, 14])
def test_it_fits_on_one_page_in_a_word_processor(language: Language, cities: int, tmp_path: Path) -> None:
    tools.require("libreoffice-writer")
    told, frozen = crowded(cities=cities)
    source = tmp_path / "briefing.docx"
    source.write_bytes(docx(briefing(told, language, SHA, accepted=True, cities=frozen)))
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)]
    subprocess.run(command, check=True, timeout=120, capture_output=True)
    assert (tmp_path / "briefing.pdf").read_bytes().count(b"/Type/Page/") == 1


def test_what_it_says() -> None:
    lines = [
        line("behind", title_zh="慢的", completion="0.4", problem="资金不足。", next_step="申请资金；"),
        line("overdue", title_zh="逾期的", completion="0.3", problem="资金不足"),
        line("done", title_zh="做完的", this="2", completion="1"),
        line("done", title_zh="早就做完的", this="0", completion="1"),
    ]
    words = texts(briefing(content(lines, days_late=1), "zh", SHA, accepted=True))
    assert "有期限的4项：办结2项，待核验0项，正常0项，滞后和逾期2项（逾期1项），未开始0项；平均完成率67.5%" in words
    assert "月报迟报1个工作日" in words
    assert words.index("逾期的") < words.index("慢的")
    assert "本月办结：做完的。" in words
    assert "早就做完的" not in words
    assert "存在问题：资金不足。" in words
    assert "下一步工作：申请资金。" in words


def test_what_is_left_out_is_counted() -> None:
    told = content([line("overdue") for _ in range(MOST_WORRYING + 3)])
    assert "另有3项" in texts(briefing(told, "zh", SHA, accepted=True))


def test_a_report_not_accepted_yet_says_so_and_an_empty_one_is_a_page_too() -> None:
    for language in ("zh", "en"):
        made = briefing(content([]), language, SHA, accepted=False)
        assert made.draft
        assert len(pictures(made)) == 1


def test_a_province_shows_the_cities_its_report_names() -> None:
    named = [
        {"code": "e", "name_zh": "东市", "name_en": "East", "timeliness": "on_time", "days_late": 0, "sha256": "e"},
        {"code": "w", "name_zh": "西市", "name_en": "West", "timeliness": "missing", "days_late": 1, "sha256": None},
    ]
    frozen = {"e": content([line("done", completion="1"), line("behind", completion="0.5")])}
    words = texts(briefing(content([], cities=named), "zh", SHA, accepted=True, cities=frozen))
    assert "所辖城市（2个，按时报送1个）" in words
    assert "东市\n按时\n2\n1\n1\n0\n75.0%" in words
    assert "西市\n未报\n—" in words


@pytest.mark.parametrize("language", ["zh", "en"])
def test_cutting_says_that_it_cut(language: Language) -> None:
    short = cut(Tongue(language), "词" * 400, LONGEST_TITLE)
    assert short.endswith("…")
    assert len(short) <= LONGEST_TITLE[language]
    assert cut(Tongue(language), "短\n词", LONGEST_TITLE) == "短 词"


# --- for whom


@pytest.fixture
def world(sqlite_region: Region, tmp_path: Path) -> World:
    """Baoding's report is accepted, Cangzhou's is not."""
    return World(sqlite_region, tmp_path)


def address(world: World, code: str, form: str = "docx") -> str:
    with world.region.db.reading() as session:
        number = world.region.report(session, code).id
    return f"/reports/{number}/revisions/1/briefing.{form}"


@pytest.mark.parametrize(
    ("who", "status"),
    [("baoding", 200), ("north", 200), ("region", 200), ("admin", 200), ("cangzhou", 404), ("jinan", 404),
     ("south", 404)],
)  # fmt: skip
def test_the_organisation_and_those_above_it(world: World, who: str, status: int) -> None:
    for form in ("docx", "pdf"):
        assert world.browser(who).get(address(world, "baoding", form)).status_code == status


def test_other_forms_and_revisions_there_are_not(world: World) -> None:
    assert world.browser("region").get(address(world, "baoding", "xlsx")).status_code == 404
    there = address(world, "baoding").replace("revisions/1", "revisions/2")
    assert world.browser("region").get(there).status_code == 404


def test_the_reports_page_links_to_it(world: World) -> None:
    there = address(world, "baoding")
    assert there in world.page("baoding", there.rpartition("/")[0])


def test_the_same_bytes(world: World) -> None:
    there = address(world, "baoding") + "?language=en"
    assert world.browser("region").get(there).data == world.browser("baoding").get(there).data
    with world.region.db.reading() as session:
        assert session.query(ReportRevision).count() == 2
