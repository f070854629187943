"""The workbook through LibreOffice, which saves it in its own way: filled in or not, it says the same."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reports.test_sheet import BOILERS, DEVICES, ELSEWHERE, NOW, Desk, values
from tests.support import tools
from tests.support.plans import assignment_id
from tests.support.sheets import Sheets, filled
from webapp.db import Database
from webapp.reports.noting import save_note
from webapp.reports.spreadsheet.layout import IDENTITY

pytestmark = pytest.mark.soak
AWKWARD = "=1+1\n_x0041_ 型 <b>&amp;\t“引号”'\n-5\n  二、慢 "


@pytest.fixture
def desk(september: Database) -> Iterator[Desk]:
    """A draft that holds a text no program should take for anything else."""
    found = Desk(september)
    with september.transaction() as session:
        save_note(session, found.report(session), assignment_id(session, BOILERS, "130600"), problem=AWKWARD,
                  next_step="", reason="", version=0, actor=found.actor(session), now=NOW)  # fmt: skip
    return found


def saved_by_libreoffice(data: bytes, folder: Path) -> bytes:
    """A workbook as LibreOffice saves it, in a profile of its own."""
    tools.require("libreoffice-calc")
    soffice = shutil.which("soffice")
    assert soffice
    source, target = folder / "report.xlsx", folder / "saved"
    source.write_bytes(data)
    profile = f"-env:UserInstallation=file://{folder / 'profile'}"
    kind = "xlsx:Calc MS Excel 2007 XML"
    command = [soffice, "--headless", "--norestore", profile, "--convert-to", kind, "--outdir", target, source]
    subprocess.run(command, timeout=180, check=True, capture_output=True)
    return (target / "report.xlsx").read_bytes()


def test_saved_as_it_is_it_changes_nothing(desk: Desk, tmp_path: Path) -> None:
    saved = saved_by_libreoffice(desk.taken(), tmp_path)
    found = desk.seen(saved)
    assert ([str(each) for each in found.wrong], found.changed) == ([], [])
    assert found.same == len(desk.lines().lines)
    assert Sheets(saved).book[IDENTITY].sheet_state in ("hidden", "veryHidden")


def test_filled_in_between_two_savings_it_says_what_was_filled_in(desk: Desk, tmp_path: Path) -> None:
    def act(sheets: Sheets) -> None:
        assert sheets.lines.data_validations.dataValidation, "the lists are gone"
        sheets.fill(BOILERS, 本月累计=0.625, 下一步打算="十月底前完成\n并验收")
        sheets.fill(DEVICES, 本月累计="=2*3")
        sheets.fill(ELSEWHERE, 本月情况="已按要求完成")

    once = saved_by_libreoffice(desk.taken(), tmp_path)
    twice = saved_by_libreoffice(filled(once, act), tmp_path)
    found = desk.seen(twice)
    assert [str(each) for each in found.wrong] == []
    assert values(found) == {
        BOILERS: {"figure": "0.625", "next_step": "十月底前完成\n并验收"},
        # LibreOffice works formulas out when it saves.
        DEVICES: {"figure": "6"},
        ELSEWHERE: {"state": "1"},
    }
