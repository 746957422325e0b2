"""Corrects a frozen sheet: one person proposes with a reason, another one decides; the sheet itself stays as it is."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts import queries as accounts
from lms.accounts.domain.reach import Staff
from lms.accounts.service.second_person import require_another
from lms.audit import service as audit
from lms.infra import jobs
from lms.infra.db import for_update, unit_of_work
from lms.kernel import ids
from lms.kernel.errors import N_, Conflict, Forbidden, Invalid, NotFound
from lms.learning import queries
from lms.learning.models import (
    ClassroomAttendanceRow,
    ClassroomCorrectionRow,
    ClassroomSessionRow,
    LeaseRow,
)
from lms.learning.queries import classrooms, classroomsheets
from lms.learning.service.classroom.people import eligible, require_named
from lms.learning.service.classroom.refusals import NotOfThisRoom, reached, said
from lms.learning.service.classroom.signing import CREDIT_JOB
from lms.learning.service.completing import ensure_progress


class AskedAlready(Conflict):
    """One correction of a person waits at a time."""

    code, title = "asked_already", N_("此人已有一条更正正在等待确认")


class Settled(Conflict):
    """A correction is decided once."""

    code, title = "settled", N_("这条更正已经处理过了")


class OwnProposal(Forbidden):
    """Who proposed a correction does not decide it, nor does whom it is about."""

    code, title = "own_proposal", N_("更正须由提出人和本人以外的另一位工作人员确认")


class SignedIt(Conflict):
    """A sheet credits nothing to who signed it, by a correction neither."""

    code, title = "signed_it", N_("此人已在这张签到表上签名；签名人不能由更正计入学时")


class LearnedElsewhere(Conflict):
    """The person has a record of their own in that time."""

    code, title = "learned_elsewhere", N_("这段时间此人已有别的学习记录，同一时间不能重复计算，请缩短起止时间")


def propose(
    session_id: UUID,
    person_id: UUID,
    *,
    stay: tuple[datetime, datetime] | None,
    reason: str,
    by: Staff,
    now: datetime,
) -> UUID:
    """Proposes to add somebody who was there from then to then, or (`stay` None) to strike who was not. Returns the id.

    Raises NotFound (also out of reach), Invalid, AskedAlready, NotOfThisRoom, SignedIt, and Conflict while the session is open.
    """
    reason = said(reason, "reason")
    correction_id = ids.new_id(now)
    try:
        with unit_of_work() as session:
            accounts.lock_person(session, person_id)  # people before units, as all who act on both
            room = reached(session, session_id, by)
            if room.state == "open":
                raise Conflict(N_("分课堂结束后才能更正签到表"))
            _check(session, room, person_id, stay, by)
            session.add(
                ClassroomCorrectionRow(
                    id=correction_id,
                    session_id=session_id,
                    person_id=person_id,
                    kind="add" if stay else "strike",
                    from_at=stay[0] if stay else None,
                    until_at=stay[1] if stay else None,
                    reason=reason,
                    proposed_by=by.person_id,
                    proposed_at=now,
                    state="proposed",
                    comment="",
                )
            )
            session.flush()
            _note(session, "classroom.correction_proposed", correction_id, by.person_id, now=now)
    except IntegrityError as error:
        if "classroom_correction" not in str(error.orig):
            raise
        raise AskedAlready from error
    return correction_id


def decide(correction_id: UUID, *, approve: bool, comment: str, by: Staff, now: datetime) -> None:
    """A second person decides.

    Raises NotFound (also out of reach), OwnProposal, InOneHand, Settled, LearnedElsewhere, NotOfThisRoom, SignedIt, Invalid.
    """
    if comment or not approve:
        comment = said(comment, "comment")
    try:
        with unit_of_work() as session:
            whom = select(ClassroomCorrectionRow.person_id).where(ClassroomCorrectionRow.id == correction_id)
            accounts.lock_person(session, *session.execute(whom).scalars())
            statement = select(ClassroomCorrectionRow).where(ClassroomCorrectionRow.id == correction_id)
            one = session.execute(for_update(statement)).scalar()
            if one is None:
                raise NotFound
            room = reached(session, one.session_id, by)
            if accounts.own_among(session, by.person_id, [one.person_id]):
                raise OwnProposal
            require_another(session, by.person_id, [one.proposed_by], own=OwnProposal, now=now)
            if one.state != "proposed":
                raise Settled
            one.state = "confirmed" if approve else "declined"
            one.decided_by, one.decided_at, one.comment = by.person_id, now, comment
            session.flush()
            if approve and one.kind == "add":
                _add(session, room, one, by=by.person_id, now=now)
            if approve and room.state == "signed":
                key = f"{room.id}:{one.id}"
                jobs.enqueue(session, CREDIT_JOB, {"session_id": str(room.id)}, dedup_key=key, now=now)
            _note(session, f"classroom.correction_{one.state}", correction_id, by.person_id, now=now)
    except IntegrityError as error:
        if "overlap" not in str(error.orig):
            raise
        raise LearnedElsewhere from error


def _check(
    session: Session, room: ClassroomSessionRow, person_id: UUID, stay: tuple[datetime, datetime] | None, by: Staff
) -> None:
    if stay is None:
        if not classrooms.listed(session, room.id, person_id):
            raise NotFound
        return
    require_named(session, room, person_id, by)
    _refuse_signer(session, room, person_id)
    eligible(session, room, person_id)
    if room.ended_at is None or not room.opened_at <= stay[0] < stay[1] <= room.ended_at:
        raise Invalid(fields={"from_at": N_("起止时间须在本场开始和结束之间")})


def _refuse_signer(session: Session, room: ClassroomSessionRow, person_id: UUID) -> None:
    signature = classroomsheets.signature(session, room.id)
    if signature is not None and signature.signed_by in accounts.alias_ids(session, person_id):
        raise SignedIt


def _add(session: Session, room: ClassroomSessionRow, one: ClassroomCorrectionRow, *, by: UUID, now: datetime) -> None:
    """A lease of the past; the database refuses one that overlaps with another of the person's."""
    _refuse_signer(session, room, one.person_id)
    try:
        enrolment_id = eligible(session, room, one.person_id)
    except NotFound as error:  # they closed their account since
        raise NotOfThisRoom from error
    policy, lease_id = queries.policy_of(session, room.course_id), ids.new_secret_id()
    session.add(
        LeaseRow(
            id=lease_id,
            person_id=one.person_id,
            asset_id=room.asset_id,
            lecture_id=room.lecture_id,
            course_id=room.course_id,
            enrolment_id=enrolment_id,
            state="ended",
            opened_at=one.from_at,
            last_beat_at=one.until_at,
            ended_at=one.until_at,
            held_ms=0,
            credited_ms=0,
            max_rate_percent=policy.max_rate_percent,
            policy_version=policy.version,
            threshold_percent=policy.threshold_percent,
            duration_ms=room.duration_ms,
            last_seq=0,
        )
    )
    ensure_progress(session, one.person_id, room.asset_id, now)
    session.flush()
    session.add(
        ClassroomAttendanceRow(
            id=ids.new_id(now),
            session_id=room.id,
            person_id=one.person_id,
            lease_id=lease_id,
            way="correction",
            photo_id=None,
            signed_in_at=one.from_at,
            signed_in_by=by,
        )
    )
    session.flush()


def _note(session: Session, action: str, correction_id: UUID, actor_id: UUID, *, now: datetime) -> None:
    audit.record(
        session,
        action=action,
        object_type="classroom_correction",
        object_id=correction_id,
        actor_id=actor_id,
        now=now,
    )
