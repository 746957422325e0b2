"""The two applications that everything is compared with: Flask's hello, and one raw commit with the platform's own database module."""

import os

from flask import Flask, request

from lms.infra import db

_engine = db.make_engine(os.environ["LMS_DATABASE_URL"])
db.bind(_engine)
_writer = db.engine()
_pass = "%s" if db.dialect() == "postgresql" else "?"
_statement = f"UPDATE bench_counter SET n = n + 1 WHERE id = {_pass}"

application = Flask("bench")


@application.get("/healthz")
@application.get("/hello")
def hello() -> str:
    return "hello"


@application.post("/commit")
def commit() -> str:
    with _writer.begin() as connection:
        connection.exec_driver_sql(_statement, (int(request.args["id"]),))
    return "committed"
