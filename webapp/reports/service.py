"""Use cases of the monthly report, from the open form to a figure nobody can quietly change.

These modules alone write a report's status, by `workflow.REPORT`. A revision holds every figure as it stood; whatever
happens to the assignments afterwards, the revision stays what was submitted.
"""

from webapp.reports.checking import check, fingerprint, is_checked, uncheck
from webapp.reports.correcting import correct, drop_correction, is_correcting
from webapp.reports.deciding import Verdict, decide
from webapp.reports.draft import draft, is_running
from webapp.reports.guard import EDITABLE, LONGEST_TEXT, may_check, may_decide, may_file, may_fill, may_sign
from webapp.reports.noting import NoteStale, save_note, save_remark
from webapp.reports.opening import newest_month, open_reports
from webapp.reports.submitting import NotReady, blocking, examine, submit
from webapp.reports.unchanged import left_over, state_no_change

__all__ = [
    "EDITABLE",
    "LONGEST_TEXT",
    "NotReady",
    "NoteStale",
    "Verdict",
    "blocking",
    "check",
    "correct",
    "decide",
    "draft",
    "drop_correction",
    "examine",
    "fingerprint",
    "is_checked",
    "is_correcting",
    "is_running",
    "left_over",
    "may_check",
    "may_decide",
    "may_file",
    "may_fill",
    "may_sign",
    "newest_month",
    "open_reports",
    "save_note",
    "save_remark",
    "state_no_change",
    "submit",
    "uncheck",
]
