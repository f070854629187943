"""Words of lists that are needed in several places."""

from flask_babel import lazy_gettext as _l

NO_FORMAT = _l("只能下载 XLSX 或 CSV 格式。")
TOO_LONG = _l("清单超过 50,000 行，做不成 Excel 文件。请下载 CSV，或先筛选再下载。")
