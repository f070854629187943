"""The entry of a WSGI server: `gunicorn --workers 4 webapp.wsgi:app`. Settings come from the environment.

A demo is not served this way: the server binds where its operator says, and a demo must stay on loopback.
"""

from webapp.app import create_app
from webapp.command_line import CommandError, open_database, read_settings
from webapp.serving import check_may_serve, mode

_settings = read_settings()
_database = open_database(_settings)
check_may_serve(_settings, _database)
if mode(_database) == "demo":
    raise CommandError("a demo is served by `lantian demo run` alone")
# Each worker opens connections of its own: none may be shared across a fork.
_database.dispose()

app = create_app(_settings, _database)
