"""Words for roles."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l

from webapp.permissions import Role

ROLE_LABELS: Mapping[Role, Any] = {
    Role.OFFICER: _l("承办人员"),
    Role.COORDINATOR: _l("调度人员"),
    Role.ADMINISTRATOR: _l("系统管理员"),
    Role.READER: _l("查阅人员"),
}
