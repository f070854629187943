"""Two revisions compared, the printed form, its stamped scan: as officer, coordinator, reader and stranger use them."""

import io
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.exc import DBAPIError
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, stream_encode_multipart

from tests.evidence.samples import PDF, picture
from tests.support.plans import person
from tests.support.site import Site, site
from webapp.clock import parse_instant
from webapp.db import Database
from webapp.evidence.models import EvidenceFile
from webapp.i18n import use_locale
from webapp.organisations.models import Organisation
from webapp.permissions import Role
from webapp.reports import service
from webapp.reports.blueprint import typed
from webapp.reports.compare import Fate, compare
from webapp.reports.models import MonthlyReport, ReportRevision, ReportScan
from webapp.reports.queries import get_report

NOW = parse_instant("2017-10-20T11:00")


def act(database: Database, name: str, now: str, **values: Any) -> None:
    """Baoding files or corrects, Hebei decides."""
    place, role, who = ("130000", Role.COORDINATOR, 94) if name == "decide" else ("130600", Role.OFFICER, 91)
    with database.transaction() as session:
        query = select(MonthlyReport.id).join(Organisation, Organisation.id == MonthlyReport.organisation_id)
        actor = person(session, place, role, person_id=who)
        row = get_report(session, session.scalars(query.where(Organisation.code == "130600")).one(), actor)
        getattr(service, name)(session, row, actor=actor, now=parse_instant(now), version=row.version, **values)


@pytest.fixture
def world(september: Database, tmp_path: Path) -> Iterator[Site]:
    """Baoding's report of September accepted, corrected (a problem was left out) and sent again."""
    act(september, "submit", "2017-10-09T10:00", confirm_check=True)
    act(september, "decide", "2017-10-10T09:00", decision="accept")
    act(september, "correct", "2017-10-13T09:00", reason="漏报了问题")
    act(september, "save_remark", "2017-10-13T09:30", remark="", problems="资金未到位")
    act(september, "submit", "2017-10-16T10:00", confirm_check=True)
    with site(september, tmp_path, now=NOW) as made:
        yield made


def number(world: Site) -> int:
    with world.database.reading() as session:
        return session.scalars(select(ReportRevision.report_id)).first() or 0


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, answer.status
    return answer.get_data(as_text=True)


# --- what differs, without a database


def content(world: Site) -> dict[str, Any]:
    with world.database.reading() as session:
        return deepcopy(session.scalars(select(ReportRevision.content)).first() or {})


def test_a_figure_a_text_a_line_more_and_a_line_less(world: Site) -> None:
    old = content(world)
    new = deepcopy(old)
    old["lines"][0]["cumulative"], new["lines"][0]["cumulative"] = "0.4", "0.25"
    new["lines"][1]["problem"] = "新写的问题"
    gone = old["lines"][2]
    new["lines"] = [line for line in new["lines"] if line["task"] != gone["task"]] + [dict(gone, task="new-one")]
    made = compare(old, new)
    fates = {each.line["task"]: each.fate for each in made.changed}
    assert fates == {
        old["lines"][0]["task"]: Fate.CHANGED,
        old["lines"][1]["task"]: Fate.CHANGED,
        "new-one": Fate.ADDED,
        gone["task"]: Fate.REMOVED,
    }
    (figure,) = made.changed[0].changes
    assert (figure.field, figure.difference) == ("cumulative", Decimal("-0.15"))
    assert len(made.same) == len(old["lines"]) - 3


def test_nothing_differs_from_itself_and_the_first_format_reads(world: Site) -> None:
    new = content(world)
    assert compare(new, new).changed == []
    later = ("light", "people", "cities", "missing", "missing_reason", "corrects", "correction_reason", "completeness")
    old = {name: value for name, value in new.items() if name not in later} | {"format": "lantian-report-1"}
    made = compare(old, new)
    assert (made.changed, [each.field for each in made.people]) == ([], ["filler", "checker", "signatory"])


# --- the page


def test_the_compare_page_says_what_changed(world: Site) -> None:
    officer = world.client(world.people.officer)
    html = page(officer, f"/reports/{number(world)}/compare")
    assert "资金未到位" in html
    assert "漏报了问题" in html
    assert f"/reports/{number(world)}/compare?" in page(officer, f"/reports/{number(world)}")
    assert "没有变化的任务" in html
    assert page(officer, f"/reports/{number(world)}/compare?from=2&to=1").count("<option") == 4
    assert "没有可以对比的内容" in page(officer, f"/reports/{number(world)}/compare?from=1&to=1")


@pytest.mark.parametrize("query", ["?to=3", "?from=0", "?from=x", "?to=99999999999999999999", "?from=-1"])
def test_a_revision_there_is_not(world: Site, query: str) -> None:
    assert world.client(world.people.officer).get(f"/reports/{number(world)}/compare{query}").status_code == 404


@pytest.mark.parametrize("tail", ["/compare", "/revisions/1/print"])
def test_the_area_reads_and_strangers_find_nothing(world: Site, tail: str) -> None:
    for name in ("coordinator", "reader", "overseer", "colleague"):
        assert page(world.client(getattr(world.people, name)), f"/reports/{number(world)}{tail}")
    assert world.client(world.people.stranger).get(f"/reports/{number(world)}{tail}").status_code == 404


def test_a_report_never_submitted_has_nothing_to_compare(world: Site) -> None:
    with world.database.reading() as session:
        unsent = session.scalars(select(MonthlyReport.id).where(MonthlyReport.revision == 0)).first()
    assert world.client(world.people.overseer).get(f"/reports/{unsent}/compare").status_code == 404


# --- the printed form


def test_the_printed_form_carries_what_paper_needs(world: Site) -> None:
    html = page(world.client(world.people.officer), f"/reports/{number(world)}/revisions/2/print")
    with world.database.reading() as session:
        row = session.scalars(select(ReportRevision).where(ReportRevision.revision == 2)).one()
    for word in (
        "报送单位（盖章）",
        "填报人",
        "审核人",
        "签发人",
        "联系电话",
        row.receipt,
        row.sha256,
        "上传盖章扫描件",
    ):
        assert word in html
    assert "上传盖章扫描件" not in page(
        world.client(world.people.reader), f"/reports/{number(world)}/revisions/2/print"
    )
    client = world.client(world.people.officer)
    with client.session_transaction() as session_:
        session_["language"] = "en"
    assert "Baoding" in page(client, f"/reports/{number(world)}/revisions/1/print")


# --- the stamped scan


def attach(
    world: Site, client: FlaskClient, *files: tuple[bytes, str], revision: int = 2, key: str = "a"
) -> TestResponse:
    given = [FileStorage(io.BytesIO(content), name) for content, name in files]
    # Encoded in memory: the test client would leave a large body in a temporary file.
    stream, length, boundary = stream_encode_multipart(
        MultiDict({"request_key": [f"scan-key-{key}"], "files": given}), use_tempfile=False
    )
    address = f"/reports/{number(world)}/revisions/{revision}/scans"
    kind = f'multipart/form-data; boundary="{boundary}"'
    return client.post(address, data=stream.read(), content_length=length, content_type=kind)


def test_a_scan_is_attached_listed_and_handed_out(world: Site) -> None:
    officer = world.client(world.people.officer)
    answer = attach(world, officer, (PDF, "盖章.pdf"), (picture("PNG"), "第二页.png"))
    assert answer.status_code == 303
    assert attach(world, officer, (PDF, "盖章.pdf"), (picture("PNG"), "第二页.png")).status_code == 303
    with world.database.reading() as session:
        assert len(session.scalars(select(ReportScan)).all()) == 2
        file = session.scalars(select(EvidenceFile.id).where(EvidenceFile.filename == "盖章.pdf")).one()
    assert "盖章.pdf" in page(officer, f"/reports/{number(world)}/revisions/2/print")
    assert "盖章.pdf" not in page(officer, f"/reports/{number(world)}/revisions/1/print")
    with world.client(world.people.coordinator).get(f"/evidence/{file}") as handed_out:
        assert handed_out.data == PDF
    assert world.client(world.people.stranger).get(f"/evidence/{file}").status_code == 404


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ((), "请选择盖章扫描件"),
        (((b"a,b\n1,2\n", "表.csv"),), "不是扫描件"),
        (((b"MZ\x90\x00", "扫描.pdf"),), "扫描.pdf"),
        (((PDF, "两份.pdf"), (b"", "空.png")), "空.png"),
    ],
)
def test_what_is_no_scan_is_refused(world: Site, files: tuple[tuple[bytes, str], ...], words: str) -> None:
    answer = attach(world, world.client(world.people.officer), *files)
    assert answer.status_code == 422
    assert words in answer.get_data(as_text=True)
    with world.database.reading() as session:
        assert session.scalars(select(ReportScan)).all() == []


def test_a_text_where_a_file_belongs_is_no_file(world: Site) -> None:
    address = f"/reports/{number(world)}/revisions/2/scans"
    answer = world.client(world.people.officer).post(address, data={"request_key": "scan-key-x", "files": "text"})
    assert answer.status_code == 422


def test_the_same_scan_twice_and_one_too_large(world: Site) -> None:
    officer = world.client(world.people.officer)
    assert attach(world, officer, (PDF, "盖章.pdf")).status_code == 303
    again = attach(world, officer, (PDF, "又一次.pdf"), key="b")
    assert (again.status_code, "已经附在这一版" in again.get_data(as_text=True)) == (422, True)
    assert attach(world, officer, (PDF + b"0" * 2**20, "大.pdf"), key="c").status_code == 413
    assert attach(world, officer, (PDF, "别的版.pdf"), revision=3, key="d").status_code == 404


@pytest.mark.parametrize(
    ("who", "status"), [("coordinator", 403), ("reader", 403), ("stranger", 404), ("overseer", 403)]
)
def test_only_the_organisations_own_people_attach(world: Site, who: str, status: int) -> None:
    answer = attach(world, world.client(getattr(world.people, who)), (PDF, "盖章.pdf"))
    assert answer.status_code == status
    with world.database.reading() as session:
        assert session.scalars(select(ReportScan)).all() == []


def test_a_scan_cannot_be_changed_or_taken_away(world: Site) -> None:
    attach(world, world.client(world.people.officer), (PDF, "盖章.pdf"))
    for deed in ("UPDATE report_scan SET revision = 1", "DELETE FROM report_scan"):
        with pytest.raises(DBAPIError), world.database.transaction() as session:
            session.connection().exec_driver_sql(deed)


@pytest.mark.parametrize("tail", ["/compare", "/revisions/1/print"])
def test_statements_do_not_grow(world: Site, tail: str) -> None:
    seen: list[str] = []
    event.listen(world.database.reading_engine, "before_cursor_execute", lambda *given: seen.append(given[2]))
    page(world.client(world.people.overseer), f"/reports/{number(world)}{tail}")
    assert len(seen) <= 20, len(seen)


def test_chinese_words_are_marked_on_an_english_page() -> None:
    """What people typed is not translated; it is escaped wherever it stands."""
    with use_locale("en"):
        assert typed("<b>漏报</b>") == '<span class="rp-text" lang="zh-Hans-CN">&lt;b&gt;漏报&lt;/b&gt;</span>'
        assert "lang" not in typed("left out")
    with use_locale("zh"):
        assert "lang" not in typed("漏报")
