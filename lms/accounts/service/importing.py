"""Takes people over from spreadsheets: all of them or none, and a second time none at all."""

import base64
import binascii
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.domain import importing as rules
from lms.accounts.domain.importing import COLUMNS, Problem, ReadRow, Table
from lms.accounts.domain.reach import Staff
from lms.accounts.models import AccountRow
from lms.accounts.service import asking, people
from lms.accounts.service.holding import day_of
from lms.accounts.service.people import NewPerson
from lms.audit import service as audit
from lms.infra import crypto, pinyin
from lms.infra.db import reading, unit_of_work
from lms.infra.subtrees import within
from lms.kernel.errors import N_, Conflict
from lms.organisations.models import UnitRow

PURPOSE = "people-import"
SEALED_FOR = timedelta(hours=1)
NO_UNIT = N_("在您管辖的范围内没有这个单位，或者已撤销")
SEVERAL_UNITS = N_("有多个同名单位，请改填统一社会信用代码")
NAME_TAKEN = N_("用户名已被使用")


class ImportRefused(Conflict):
    """Since the preview something changed, or the preview is too old: nothing was stored."""

    code, title = "import_refused", N_("表格预览之后情况有变或已过期，没有导入，请重新上传")


@dataclass(frozen=True)
class Preview:
    """What an import would do: whom it adds, how many are there already, and what forbids it."""

    new: tuple[ReadRow, ...]
    known: int
    problems: tuple[Problem, ...]


class _Sealed(msgspec.Struct):
    at: datetime
    rows: list[tuple[int, list[str]]]


def preview(rows: Sequence[tuple[int, Sequence[str]]], *, by: Staff, now: datetime) -> Preview:
    """Looks at a spreadsheet's rows, header first. None of them is stored; that somebody looked is recorded.

    Raises TooManyGuesses.
    """
    table = rules.read(rows, today=day_of(now))
    asking.count(asking.Guess.LIST, by=by.person_id, now=now)
    with reading() as session:
        found, _units = _look(session, table, by)
    taken = sum(one.text == NAME_TAKEN for one in found.problems)
    asking.count(asking.Guess.USERNAME, by=by.person_id, times=taken, now=now)
    with unit_of_work() as session:
        audit.record(
            session,
            action="people.import_previewed",
            object_type="import",
            object_id=None,
            actor_id=by.person_id,
            details={"rows": len(table.rows), "known": found.known, "taken": taken},
            now=now,
        )
    return found


def seal(rows: Sequence[tuple[int, Sequence[str]]], *, by: Staff, now: datetime) -> str:
    """The rows as they may travel through the page between preview and import: unreadable, for this person, for an hour."""
    sealed = _Sealed(now, rules.bounded(rows))
    return crypto.encrypt(base64.b85encode(zlib.compress(msgspec.json.encode(sealed))).decode(), _place(by))


def apply(sealed: str, *, by: Staff, now: datetime) -> tuple[UUID, ...]:
    """Adds everybody of a previewed spreadsheet who is not there yet, in one step. Returns their ids.

    Accounts have no password: a one-time code lets each set one. Raises ImportRefused when a row is not right any more.
    """
    table = rules.read(_unseal(sealed, by, now), today=day_of(now))
    with unit_of_work() as session:
        people.take_turn(session)
        found, units = _look(session, table, by, held=True)
        if found.problems:
            raise ImportRefused
        taken: set[str] = set()
        added = tuple(
            people.add(
                session,
                NewPerson(row.facts, units[row.unit], row.username),
                username=row.username or people.make_username(session, row.facts.name, taken),
                by=by,
                now=now,
            )
            for row in found.new
        )
        audit.record(
            session,
            action="people.imported",
            object_type="import",
            object_id=None,
            actor_id=by.person_id,
            details={"added": len(added), "known": found.known},
            now=now,
        )
    return added


def _look(session: Session, table: Table, by: Staff, *, held: bool = False) -> tuple[Preview, dict[str, UUID]]:
    """Holds rows against what is stored. Four statements, however many rows. `held` units stay where they are meanwhile."""
    units, problems = _units(session, table.rows, by, held=held)
    known = people.known_ids(session, [(row.facts.name, row.facts.mobile) for row in table.rows], by.scopes)
    new = [row for row in table.rows if (row.facts.name, row.facts.mobile) not in known]
    names = {row.username for row in new if row.username}
    taken = set(session.execute(select(AccountRow.username).where(AccountRow.username.in_(names))).scalars())
    problems += [
        Problem(row.number, COLUMNS["username"], NAME_TAKEN) for row in new if row.username and row.username in taken
    ]
    told = sorted((*table.problems, *problems), key=lambda one: one.row)[: rules.MOST_PROBLEMS]
    return Preview(tuple(new), len(table.rows) - len(new), tuple(told)), units


def _units(
    session: Session, rows: Sequence[ReadRow], by: Staff, *, held: bool
) -> tuple[dict[str, UUID], list[Problem]]:
    typed = {row.unit for row in rows if row.unit}
    statement = (
        select(UnitRow.id, UnitRow.name, UnitRow.uscc)
        .where(
            UnitRow.name_key.in_({pinyin.key_of(text, limit=400) for text in typed})
            | UnitRow.uscc.in_({text.upper() for text in typed}),
            UnitRow.state == "open",
            within(UnitRow.path, by.scopes),
        )
        .order_by(UnitRow.id)
    )
    found = session.execute(statement.with_for_update(read=True) if held else statement).all()
    fitting = {text: [one.id for one in found if text == one.name or text.upper() == one.uscc] for text in typed}
    problems = [
        Problem(row.number, COLUMNS["unit"], SEVERAL_UNITS if fitting[row.unit] else NO_UNIT)
        for row in rows
        if row.unit and len(fitting[row.unit]) != 1
    ]
    return {text: ids[0] for text, ids in fitting.items() if len(ids) == 1}, problems


def _unseal(sealed: str, by: Staff, now: datetime) -> list[tuple[int, list[str]]]:
    try:
        packed = base64.b85decode(crypto.decrypt(sealed, _place(by)))
        found = msgspec.json.decode(zlib.decompress(packed), type=_Sealed)
    except (crypto.CryptoFault, binascii.Error, zlib.error, ValueError, msgspec.MsgspecError) as error:
        raise ImportRefused from error
    if now - found.at > SEALED_FOR:
        raise ImportRefused
    return found.rows


def _place(by: Staff) -> str:
    return f"{PURPOSE}:{by.person_id}"
