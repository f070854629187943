"""Words of lists that are needed in several places."""

from flask_babel import lazy_gettext as _l

NO_FORMAT = _l("只能下载 XLSX 或 CSV 格式。")
