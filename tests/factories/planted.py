"""Secrets that people give to the real pages, and every place in which something of them could have been left lying."""

import io
import os
import re
import shutil
import sqlite3
import subprocess
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import structlog
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import inspect, text
from werkzeug.test import TestResponse

from lms.access.domain import roles
from lms.accounts import queries as accounts
from lms.accounts.domain.notice import CURRENT, ID_NUMBER
from lms.accounts.tasks import send_code
from lms.infra import db, jobs, ratelimit
from lms.infra.cache import cache
from lms.infra.db import reading
from lms.kernel import clock
from lms.questionbank.service import read_items
from lms.settings import Settings
from tests.factories import content
from tests.factories.accounts import token_on
from tests.factories.outside import PDF
from tests.factories.people import Staff, make_person, post, signed_in
from tests.factories.qualification import add_qualification, id_number_of

EVERYWHERE = frozenset({"id number", "password", "session", "code", "second factor", "mobile", "mail"})
"""Kinds that may lie nowhere."""
OF_CONTENT = frozenset({"stem", "key"})
"""Kinds that the database keeps as it keeps all content: they may lie nowhere else."""
OF_THE_LETTER = frozenset({"code", "mail"})
"""What a letter to its receiver is made of."""
DATABASE = frozenset({"database", "backup"})

Places = Mapping[str, str]


@dataclass
class Planted:
    """The secrets by kind, and all that was sent to others than their owner."""

    secrets: dict[str, list[str]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    logs: list[Any] = field(default_factory=list)

    def note(self, kind: str, *secrets: str) -> None:
        """Remembers secrets that were planted."""
        self.secrets.setdefault(kind, []).extend(secrets)

    def look(self, answer: TestResponse) -> TestResponse:
        """Keeps an answer that went to somebody else, or to nobody in particular."""
        headers = [(name, value) for name, value in answer.headers if name != "Set-Cookie"]  # that one is the owner's
        body = unpacked(answer.get_data())
        self.seen.append(body.decode("latin-1") + body.decode("utf-8", "replace") + repr(headers))
        return answer


def unpacked(body: bytes) -> bytes:
    """What stands in an answer, also inside a spreadsheet."""
    if not body.startswith(b"PK\x03\x04"):
        return body
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


def plant(app: Flask, staff: Staff, people: int) -> Planted:
    """Lets people register, mistype, sign in, give their numbers, forget their passwords and use slips; authors write items."""
    planted = Planted()
    land = staff.land
    admin = make_person(land.province, "省管理员", grants={roles.UNIT_ADMIN: land.province})
    auditor = make_person(land.national, "审计员", grants={roles.AUDIT_ADMIN: land.national})
    for one in (admin, auditor):
        with reading() as session:
            planted.note("second factor", str(accounts.credentials_of_person(session, one.person_id).totp_secret))
    with structlog.testing.capture_logs() as logs:
        desk = signed_in(app, admin)
        for number in range(people):
            _one_person(app, planted, desk, land.unit, number)
        _prove(planted, desk, land.unit.id)
        _author(planted, staff, people)
        _staff_looks_round(planted, desk, signed_in(app, auditor), signed_in(app, staff.learner))
    planted.logs = list(logs)
    return planted


def _one_person(app: Flask, planted: Planted, desk: FlaskClient, unit: Any, number: int) -> None:
    ratelimit.forget()
    username, password = f"planted{number:03}", f"Qingtian-{number:03}-lanhua"
    mobile, mail, id_number = f"1397{number:07}", f"jinsique{number}@example.org", id_number_of(500 + number)
    planted.note("password", password, f"{password}-wrong", f"{password}-new")
    planted.note("mobile", mobile)
    planted.note("mail", mail)
    planted.note("id number", id_number)
    _register(planted, app.test_client(), unit.id, username, password, mobile, mail)
    with reading() as session:
        known = accounts.credentials(session, username)
    assert known
    add_qualification(unit, known.person_id)
    person = app.test_client()
    for tried in (f"{password}-wrong", password):
        form = {"csrf_token": token_on(person, "/sign-in"), "username": username, "password": tried}
        planted.look(person.post("/sign-in", data=form))
    planted.note("session", *_cookie(person))
    given = {"accepted": "y", "version": CURRENT[ID_NUMBER]}
    planted.look(post(person, "/me/id-number", {"id_number": id_number + "9", **given}))
    assert post(person, "/me/id-number", {"id_number": id_number, **given}).status_code == 303
    planted.look(person.get("/me/id-number"))
    planted.look(person.get(f"/no-such-page/{number}"))
    planted.look(app.test_client().post("/api/v1/session", json={"username": username, "password": [password]}))
    slip = post(desk, f"/staff/people/{known.person_id}/sign-in-code").text  # shown to who prints it
    _use(app, planted, username, _code_on(slip), f"{password}-new")
    form = {"csrf_token": token_on(person, "/sign-in"), "username": username}
    planted.look(person.post("/forgotten", data=form))
    _send_letters(planted)
    for page in ("", "/edit", "/sign-in-help", "/id-number", "/roles"):
        planted.look(desk.get(f"/staff/people/{known.person_id}{page}"))


def _register(
    planted: Planted, client: FlaskClient, unit_id: UUID, username: str, password: str, mobile: str, mail: str
) -> None:
    form = {
        "csrf_token": token_on(client, "/register"), "name": "王大树", "sex": "male", "unit_id": str(unit_id),
        "post": "工会主席", "category": "enterprise", "employment": "part_time", "appointed_on": "2020-09-01",
        "mobile": mobile, "mail": mail, "username": username, "password": password, "repeated": password,
        "accepted": "y", "version": CURRENT["privacy"],
    }  # fmt: skip
    answer = client.post("/register", data=form)
    assert answer.status_code == 303, answer.text
    planted.note("session", *_cookie(client))


def _use(app: Flask, planted: Planted, username: str, code: str, password: str) -> None:
    """Signs in with a slip and sets a new password."""
    planted.note("code", code, code.replace("-", ""))
    person = app.test_client()
    form = {"csrf_token": token_on(person, "/sign-in/code"), "username": username, "one_time": code}
    planted.look(person.post("/sign-in/code", data=form))
    form = {"csrf_token": token_on(person, "/me/password"), "password": password, "repeated": password}
    answer = person.post("/me/password", data=form)
    assert answer.status_code == 303, answer.text
    planted.look(answer)


def _send_letters(planted: Planted) -> None:
    while (job := jobs.claim("test", now=clock.now(), lease_seconds=60)) is not None:
        send_code(job)
        jobs.finish(job, now=clock.now())


def _prove(planted: Planted, desk: FlaskClient, unit_id: UUID) -> None:
    """A training whose proof lists everybody by ID number, although the page asks to cover them."""
    facts = {
        "source": "offline", "ledger": "centralized", "title": "工会干部培训班", "organiser": "省总工会", "unit": str(unit_id),
        "from_on": "2026-11-02", "until_on": "2026-11-04", "hours": "24",
    }  # fmt: skip
    page = post(desk, "/staff/training/new", facts).headers["Location"]
    listed = "\n".join(planted.secrets["id number"]).encode()
    proof = PDF.replace(b"1 0 obj", b"% " + listed.replace(b"\n", b"\n% ") + b"\n1 0 obj")
    assert post(desk, f"{page}/proof", {"file": (io.BytesIO(proof), "签到表.pdf")}).status_code == 303
    assert desk.get(f"{page}/proof").data == proof  # its own reader gets it whole
    planted.look(desk.get(page))


def _author(planted: Planted, staff: Staff, items: int) -> None:
    """A draft whose items nobody else has seen."""
    texts = []
    for number in range(items):
        planted.note("stem", f"未公开题干金丝雀{number:03}")
        planted.note("key", f"未公开解析金丝雀{number:03}")
        written = content.ITEMS.split("【判断】")[0].replace("C4-001", f"C4-{number:03}")
        written = written.replace("题干：", f"题干：未公开题干金丝雀{number:03}")
        texts.append(written.replace("解析：", f"解析：未公开解析金丝雀{number:03}"))
    content.make_lecture(staff.uploader, title="没有公开的一讲", items=read_items("".join(texts)))


def _staff_looks_round(planted: Planted, desk: FlaskClient, auditor: FlaskClient, learner: FlaskClient) -> None:
    for page in ("/staff/people", "/staff/id-numbers", "/staff/corrections", "/staff/roles", "/staff/"):
        planted.look(desk.get(page))
    planted.look(auditor.get("/staff/audit"))
    export = {"receiver": "上级工会", "reason": "统计", "kind": "xlsx"}
    for answer in (post(desk, "/staff/people/export", export), post(auditor, "/staff/audit/export")):
        assert answer.status_code == 200, answer.text
        planted.look(answer)
    for page in ("/", "/courses", "/me/hours", "/me/data", "/api/v1/openapi.json"):
        planted.look(learner.get(page))


def _cookie(client: FlaskClient) -> tuple[str, ...]:
    """What a browser's cookie holds, and its signature, which is the secret part."""
    cookie = client.get_cookie("session")
    assert cookie
    return cookie.value, cookie.value.rsplit(".", 1)[1]


def _code_on(slip: str) -> str:
    found = re.search(r'slip-code">([0-9A-Z-]{14})<', slip)
    assert found
    return found[1]


def places(planted: Planted, settings: Settings, folder: Path) -> dict[str, str]:
    """Everything that the platform holds or left somewhere, as text, by place; `folder` is for the backup.

    There is no backup to look into where PostgreSQL's own program for it is missing, which in CI it must not.
    """
    home = [one for one in settings.home.rglob("*") if one.is_file()]
    letters = [one for one in home if one.parent.name == "outbox"]
    backed_up = db.dialect() == "sqlite" or "CI" in os.environ or shutil.which("pg_dump") is not None
    return {
        "database": _rows(),
        **({"backup": _backup(settings, folder)} if backed_up else {}),
        "logs": repr(planted.logs),
        "answers": "\n".join(planted.seen),
        "outbox": _bytes(letters),
        "home": _bytes(one for one in home if one not in letters and "sqlite3" not in one.name),
        "temp": _bytes(one for one in Path(tempfile.gettempdir()).rglob("*") if one.is_file()),
        "cache": repr(vars(cache())) + repr(vars(ratelimit._limiter.storage)),
    }


def _bytes(files: Iterable[Path]) -> str:
    read: Callable[[Path], bytes] = Path.read_bytes
    return "\n".join(read(one).decode("latin-1") + read(one).decode("utf-8", "replace") for one in files)


def _rows() -> str:
    """Every column of every table; on SQLite also the bytes of its files, with what was deleted and is not yet overwritten."""
    engine = db.engine()
    with engine.connect() as connection:
        names = inspect(engine).get_table_names()
        return "\n".join(repr(connection.execute(text(f'SELECT * FROM "{one}"')).all()) for one in names)


def _backup(settings: Settings, folder: Path) -> str:
    """A backup as an operator makes it: `.backup` of SQLite, pg_dump of PostgreSQL."""
    if db.engine().dialect.name == "sqlite":
        path, copy = settings.database_url.removeprefix("sqlite:///"), folder / "backup.sqlite3"
        with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
        return _bytes([copy, *Path(path).parent.glob(f"{Path(path).name}*")])
    address = urlsplit(settings.database_url)._replace(scheme="postgresql").geturl()
    return subprocess.run(["pg_dump", "--inserts", address], check=True, capture_output=True, text=True).stdout


def found(planted: Planted, where: Places) -> list[tuple[str, str]]:
    """Each (place, kind) in which a secret stands in clear although it must not."""
    return [
        (place, kind)
        for place, held in where.items()
        for kind, secrets in planted.secrets.items()
        if not (kind in OF_CONTENT and place in DATABASE) and not (kind in OF_THE_LETTER and place == "outbox")
        if any(secret in held or secret.encode().decode("latin-1") in held for secret in secrets)
    ]
