"""Spreadsheets of units: read and kept until they are confirmed, then founded whole or not at all; exports leave a trace."""

import hashlib
from collections.abc import Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.infra.spreadsheet import Limits, read_table
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict
from lms.kernel.numbers import without_numbers
from lms.organisations import queries
from lms.organisations.domain import paths, planning
from lms.organisations.domain.planning import Fault, Planned, Row
from lms.organisations.models import UnitChangeRow, UnitImportRow, UnitRow, UnitTermRow
from lms.organisations.service import rules
from lms.organisations.service.rules import Act

KEPT_FOR = timedelta(days=1)
MAX_TEXT = 200
COLUMNS = len(planning.TITLES) + 16  # people add columns of their own
REASON = "表格导入"


class AlreadyApplied(Conflict):
    """This spreadsheet has been applied."""

    code, title = "import_applied", N_("这份表格已经导入过了")


@dataclass(frozen=True)
class Faulty:
    """A spreadsheet that can't be applied, and why."""

    faults: tuple[Fault, ...]


def read_sheet(
    top_id: UUID,
    data: bytes,
    file_name: str,
    *,
    max_rows: int,
    reach: tuple[str, ...],
    actor_id: UUID,
    now: datetime,
) -> UUID | Faulty:
    """Reads a spreadsheet of units below `top_id`. Returns the id under which it waits, or its faults; then nothing is kept.

    Raises SpreadsheetRefused when it is no table at all, NotFound.
    """
    limits = Limits(max_rows=max_rows + 1, max_columns=COLUMNS, max_text=MAX_TEXT)
    rows = planning.rows_of(read_table(data, file_name, limits=limits).rows)
    if isinstance(rows, Fault):
        return Faulty((rows,))
    with unit_of_work() as session:
        top = queries.scoped_unit(session, top_id, reach)
        _planned, faults = planning.plan(rows, queries.known_to(session, top, rows))
        if faults:
            return Faulty(faults)
        session.execute(
            delete(UnitImportRow).where(
                UnitImportRow.state == "waiting",
                or_(UnitImportRow.actor_id == actor_id, UnitImportRow.read_at < now - KEPT_FOR),
            )
        )
        import_id = ids.new_id(now)
        session.add(
            UnitImportRow(
                id=import_id,
                unit_id=top.id,
                actor_id=actor_id,
                file_name=without_numbers(file_name)[-120:],
                sha256=hashlib.sha256(data).hexdigest(),
                rows=[list(astuple(row)) for row in rows],
                read_at=now,
            )
        )
    return import_id


def planned_by(session: Session, waiting: queries.Import) -> tuple[tuple[Planned, ...], tuple[Fault, ...]]:
    """What a waiting spreadsheet would found in the tree of this moment."""
    rows = [Row(*row) for row in waiting.rows]
    top = queries.unit(session, waiting.unit_id)
    return planning.plan(rows, queries.known_to(session, top, rows))


def apply_sheet(import_id: UUID, *, reach: tuple[str, ...], actor_id: UUID, now: datetime) -> int | Faulty:
    """Founds all units of a waiting spreadsheet, or none when the tree has changed so that one does not fit any more.

    Returns how many. Raises AlreadyApplied, AlreadyClosed, NotFound.
    """
    act = Act(actor_id, REASON, now, reach)
    try:
        with unit_of_work() as session:
            rules.lock_tree(session)
            waiting = queries.import_to_apply(session, import_id, actor_id)
            if waiting.state != "waiting":
                raise AlreadyApplied
            top = queries.scoped_unit(session, waiting.unit_id, reach)
            if top.state != "open":
                raise rules.AlreadyClosed
            planned, faults = planned_by(session, waiting)
            if faults:
                return Faulty(faults)
            _found_all(session, planned, act)
            session.execute(
                update(UnitImportRow).where(UnitImportRow.id == import_id).values(state="applied", applied_at=now)
            )
            details = {"rows": len(planned), "file_sha256": waiting.sha256}
            _trace(session, "unit.imported", top.id, actor_id, details, now)
    except IntegrityError as error:
        if "unit_import" not in str(error.orig):
            raise
        raise AlreadyApplied from error
    return len(planned)


def record_export(unit_id: UUID, *, rows: int, form: str, actor_id: UUID, now: datetime) -> None:
    """Leaves a trace of an export."""
    with unit_of_work() as session:
        _trace(session, "unit.exported", unit_id, actor_id, {"rows": rows, "format": form}, now)


def _found_all(session: Session, planned: Sequence[Planned], act: Act) -> None:
    """Writes the rows of all units in few statements; parents come before their children."""
    above = queries.units(session, [one.parent for one in planned if isinstance(one.parent, UUID)])
    places: dict[UUID | int, tuple[UUID, str]] = {key: (unit.id, unit.path) for key, unit in above.items()}
    made, terms, changes = [], [], []
    for one in planned:
        parent_id, parent_path = places[one.parent]
        unit_id = ids.new_id(act.now)
        path = paths.path_of(unit_id, parent_path)
        places[one.number] = (unit_id, path)
        made.append(_values(one, unit_id, parent_id, path, act.now))
        terms.extend(rules.term_rows(unit_id, one.name, one.kind))
        after = {"name": one.name, "kind": one.kind, "uscc": one.uscc, "parent": str(parent_id)}
        changes.append(rules.change_row(unit_id, "created", {}, after, act))
    session.add_all(UnitRow(**values) for values in made)
    session.flush()
    session.execute(insert(UnitTermRow), terms)
    session.execute(insert(UnitChangeRow), changes)


def _values(one: Planned, unit_id: UUID, parent_id: UUID, path: str, now: datetime) -> dict[str, Any]:
    return {
        "id": unit_id,
        "parent_id": parent_id,
        "path": path,
        "name": one.name,
        "name_key": rules.name_key(one.name),
        "initials": rules.initials(one.name),
        "kind": one.kind,
        "uscc": one.uscc,
        "created_at": now,
    }


def _trace(
    session: Session, action: str, unit_id: UUID, actor_id: UUID, details: dict[str, Any], now: datetime
) -> None:
    audit.record(
        session, action=action, object_type="unit", object_id=unit_id, actor_id=actor_id, details=details, now=now
    )
