"""Words, dates and names as people type them into ledgers, whatever language the page speaks."""

import re

YES = frozenset({"是", "有", "已", "y", "yes", "true", "1", "√"})
NO = frozenset({"否", "无", "未", "n", "no", "false", "0", "×"})
DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?")
DAY_IN_ONE = re.compile(r"(\d{4})(\d{2})(\d{2})")
# The form of a company at the end of its name.
COMPANY = re.compile(r"(股份)?有限(责任)?公司$|公司$")
