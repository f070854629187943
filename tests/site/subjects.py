"""What the pages of the lived-in plan are about: an id for every argument an address takes."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.support.lived_in import BAODING, BOILERS, CALENDAR, REMOTE_SENSING, report_id
from tests.support.plans import assignment_id
from tests.support.site import Site
from webapp.accounts.models import Membership
from webapp.caps.models import CapEnterprise, CapExemption, CapFiling, CapLine
from webapp.evidence.models import EvidenceFile
from webapp.ledgers.models import LedgerRow
from webapp.mail.models import OutboxMail
from webapp.mail.unsubscribe import make_token
from webapp.robots.models import GroupRobot

# The pages of a ledger that has rows and a sample.
LEDGERS = (
    "ledger", "template", "row", "finish", "act", "new_row", "add_row", "edit_form", "edit_row", "import_form",
    "preview", "confirm_import", "samples", "sample", "draw_sample", "check_row", "close_sample", "withdraw_sample",
    "export", "list_file", "sheets",
)  # fmt: skip
CAPS_OF_CITIES = (
    "city", "new_enterprise", "add_enterprise", "register_file", "month_file", "register_sheet_form",
    "register_preview", "register_confirm", "month_sheet_form", "month_preview", "month_confirm",
)  # fmt: skip
# A line of the ranking that was published.
RANKED = {"month": "2017-08", "table": "city", "code": BAODING}


@dataclass(frozen=True)
class Subjects:
    """Ids of Baoding's things, by the name the addresses give them."""

    assignment: int
    claimed: int
    evidence: int
    report: int
    open_report: int
    mail: int
    robot: int
    token: str
    person: int
    membership: int
    ledger: int
    ledger_row: int
    enterprise: int
    line: int
    filing: int
    exemption: int

    def values(self, endpoint: str) -> dict[str, Any]:
        """Arguments of an endpoint's address."""
        return dict(self._special().get(endpoint, self._usual()))

    def _usual(self) -> dict[str, Any]:
        return {
            "assignment_id": self.assignment, "report_id": self.report, "revision": 1, "evidence_id": self.evidence,
            "mail_id": self.mail, "robot_id": self.robot, "token": self.token, "code": "measure-4", "fmt": "csv",
            "person_id": self.person, "membership_id": self.membership, "secret": CALENDAR,
            "row_id": self.ledger_row, "number": 1, "name": "0" * 20 + "-00000000", "filename": "lantian.css",
            "key": "0" * 32, "page": "assignments", "view_id": 1, "act": "share",
            "room": "bulletins", "period": "2017-08", "enterprise_id": self.enterprise, "line_id": self.line,
            "filing_id": self.filing, "exemption_id": self.exemption, "month": "2017-11", "sector": "cement",
        }  # fmt: skip

    def _special(self) -> dict[str, dict[str, Any]]:
        usual = self._usual()
        claimed: dict[str, Any] = {"assignment_id": self.claimed}
        unsent: dict[str, Any] = {"report_id": self.open_report}
        return {
            "dashboard.claim": usual | claimed, "dashboard.decide_claim": usual | claimed,
            "desk.withdraw": usual | claimed, "reports.check": usual | unsent, "reports.save": usual | unsent,
            "reports.submit": usual | unsent, "reports.note": usual | unsent, "reports.no_change": usual | unsent,
            "reports.confirm": usual | unsent, "reports.unconfirm": usual | unsent,
            "reports.figure": usual | unsent, "reports.restate": usual | unsent,
            "reports.spreadsheet": usual | unsent, "reports.spreadsheet_file": usual | unsent,
            "reports.spreadsheet_preview": usual | unsent, "reports.spreadsheet_confirm": usual | unsent,
            **{f"ledgers.{name}": usual | {"assignment_id": self.ledger} for name in LEDGERS},
            "plans.task": usual | {"code": BOILERS},
            **{f"caps.{name}": usual | {"code": BAODING} for name in CAPS_OF_CITIES},
            **{f"ranking.{name}": usual | RANKED for name in ("issue", "draft", "publish", "rows", "file")},
            "bulletins.issue_file": usual | {"fmt": "docx"}, "bulletins.draft_file": usual | {"fmt": "docx"},
            "bulletins.report_briefing": usual | {"fmt": "docx"}, "reports.file": usual | {"fmt": "docx"},
        }  # fmt: skip


def find(site: Site) -> Subjects:
    """The subjects of a lived-in plan."""
    with site.database.reading() as session:
        return Subjects(
            assignment=assignment_id(session, BOILERS, BAODING),
            claimed=assignment_id(session, "m02-close-all", BAODING),
            evidence=session.scalars(select(EvidenceFile.id)).one(),
            report=report_id(session, BAODING, date(2017, 9, 1)),
            ledger=assignment_id(session, REMOTE_SENSING, BAODING),
            ledger_row=session.scalars(select(LedgerRow.id).order_by(LedgerRow.id)).first() or 0,
            open_report=report_id(session, BAODING, date(2017, 10, 1)),
            mail=_mail(session, site),
            robot=session.scalars(select(GroupRobot.id)).one(),
            token=make_token(site.settings.secret_key, site.people.officer.id, "reminders"),
            enterprise=session.scalars(select(CapEnterprise.id)).one(),
            line=session.scalars(select(CapLine.id)).first() or 0,
            filing=session.scalars(select(CapFiling.id).where(CapFiling.kind == "month")).one(),
            exemption=session.scalars(select(CapExemption.id)).one(),
            person=site.people.officer.id,
            membership=session.scalars(
                select(Membership.id).where(Membership.person_id == site.people.officer.id)
            ).one(),
        )


def _mail(session: Session, site: Site) -> int:
    mine = OutboxMail.person_id == site.people.officer.id
    return session.scalars(select(OutboxMail.id).where(mine).order_by(OutboxMail.id)).first() or 0
