"""The platform itself with one more address that does one raw commit: what a beat is held against."""

from flask import request
from flask_wtf.csrf import CSRFProtect

from lms import settings
from lms.app import create_app
from lms.infra import db, dbdriver
from lms.web import guards

application = create_app(settings.from_environment())
_pass = "%s" if db.dialect() == "postgresql" else "?"
_statement = f"UPDATE bench_counter SET n = n + 1 WHERE id = {_pass}"


@application.post("/commit")
@guards.public  # on this machine alone, for as long as it is measured
def commit() -> str:
    with dbdriver.connected() as connection:
        dbdriver.execute(connection, _statement, (int(request.args["id"]),))
    return "committed"


_csrf: CSRFProtect = application.extensions["csrf"]
_csrf.exempt(commit)
