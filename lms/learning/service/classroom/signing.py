"""The frozen sheet is signed by somebody whom it credits nothing: the host, or in their stead somebody above."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import InOneHand
from lms.audit import service as audit
from lms.infra import jobs
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict
from lms.learning.models import ClassroomSessionRow, ClassroomSheetRow, ClassroomSignatureRow
from lms.learning.queries import classrooms
from lms.learning.service.classroom.refusals import OnTheSheet, SheetChanged, StillTheHosts, hosted, reached, said

CREDIT_JOB = "learning.classroom_credit"
HOST_HAS = timedelta(days=3)
"""So long the sheet waits for its host; afterwards somebody above may sign, for hours must not hang on one person."""


def sign(session_id: UUID, *, by: Staff, headcount: int, statement: str, sheet_sha256: str, now: datetime) -> None:
    """The host signs the frozen sheet, and what it says is credited soon after. Harmless when it is signed already.

    Raises NotFound, Invalid, SheetChanged, OnTheSheet, and Conflict while the session is open.
    """
    statement = said(statement, "statement", longest=500)
    with unit_of_work() as session:
        room = hosted(session, session_id, by)
        _sign(session, room, by.person_id, headcount, statement, sheet_sha256, now=now)


def sign_for_host(
    session_id: UUID, *, by: Staff, headcount: int, statement: str, sheet_sha256: str, now: datetime
) -> None:
    """Somebody above signs a sheet that its host left unsigned or stands on; the statement says on what they rely.

    Harmless when it is signed already. Raises NotFound (also out of reach), Invalid, SheetChanged, StillTheHosts before
    HOST_HAS is over unless the host is on the sheet, OnTheSheet for who is, InOneHand for whom the host let in, and Conflict
    while the session is open.
    """
    statement = said(statement, "statement", longest=500)
    with unit_of_work() as session:
        room = reached(session, session_id, by)
        waits = room.state == "ended" and room.ended_at is not None and now < room.ended_at + HOST_HAS
        if waits and not _on_the_sheet(session, room, room.host_id):
            raise StillTheHosts
        if accounts.in_one_hand(session, by.person_id, [room.host_id], now=now):
            raise InOneHand
        _sign(session, room, by.person_id, headcount, statement, sheet_sha256, now=now)


def _sign(
    session: Session,
    room: ClassroomSessionRow,
    by: UUID,
    headcount: int,
    statement: str,
    sheet_sha256: str,
    *,
    now: datetime,
) -> None:
    if room.state == "signed":
        return
    if room.state == "open":
        raise Conflict(N_("请先结束分课堂，再签名"))
    if _on_the_sheet(session, room, by):
        raise OnTheSheet
    sheet = session.execute(
        select(ClassroomSheetRow.sha256).where(ClassroomSheetRow.session_id == room.id)
    ).scalar_one()
    if sheet != sheet_sha256:
        raise SheetChanged
    session.add(
        ClassroomSignatureRow(
            session_id=room.id,
            signed_by=by,
            headcount=headcount,
            statement=statement,
            sheet_sha256=sheet,
            signed_at=now,
        )
    )
    room.state = "signed"
    session.flush()
    jobs.enqueue(session, CREDIT_JOB, {"session_id": str(room.id)}, dedup_key=f"{room.id}:sheet", now=now)
    audit.record(
        session,
        action="classroom.signed" if by == room.host_id else "classroom.signed_for_host",
        object_type="classroom",
        object_id=room.id,
        actor_id=by,
        details={"headcount": headcount, "sheet": sheet},
        now=now,
    )


def _on_the_sheet(session: Session, room: ClassroomSessionRow, person_id: UUID) -> bool:
    """Whether the sheet credits a person, under whatever account."""
    return classrooms.listed(session, room.id, *accounts.alias_ids(session, person_id))
