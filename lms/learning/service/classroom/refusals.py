"""What a classroom refuses, in one sentence each, and how a session is taken for a change."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from lms.accounts.domain.reach import Staff
from lms.catalogue import queries as catalogue
from lms.infra.db import for_update
from lms.kernel.errors import N_, Conflict, Invalid, NotFound
from lms.kernel.numbers import refuse_numbers
from lms.learning.models import ClassroomSessionRow
from lms.learning.queries import classrooms
from lms.organisations import queries as organisations


class RoomOver(Conflict):
    """Nothing more happens in a session that has ended."""

    code, title = "room_over", N_("这个分课堂已经结束")


class HoldsAnother(Conflict):
    """One person holds one classroom at a time."""

    code, title = "holds_another", N_("您还有一个分课堂没有结束，请先结束它")


class RoomFull(Conflict):
    """Every seat is taken."""

    code, title = "room_full", N_("签到人数已达到本场上限")


class NotOfThisRoom(Conflict):
    """The person is not enrolled in the session's class, or not of its unit."""

    code, title = "not_of_this_room", N_("此人不在本场的培训班或单位范围内，不能签到")


class HostByList(Conflict):
    """Who holds the session vouches for others, not for themselves."""

    code, title = (
        "host_by_list",
        N_("主持人不能给自己签到，请用自己的手机输入签到码；签到后，签到表须由没有签到本场的单位管理员签名"),
    )


class CodeRefused(Invalid):
    """No open session of the person's shows this code now."""

    code, title = "code_refused", N_("签到码不对或已经更换，请看大屏幕上的最新数字再输入")


class SheetChanged(Conflict):
    """The page that was signed showed another sheet."""

    code, title = "sheet_changed", N_("签到表与您看到的不一致，请刷新页面核对后再签名")


class StillTheHosts(Conflict):
    """The host has three days to sign before somebody else may."""

    code, title = "still_the_hosts", N_("本场结束还不到三天，请先请主持人签名；三天后仍未签名，可以由您代签")


class OnTheSheet(Conflict):
    """Who would be credited by a sheet doesn't sign it, nor does its host."""

    code, title = "on_the_sheet", N_("您自己在这张签到表上，须由没有签到本场的单位管理员签名")


def taken(session: Session, session_id: UUID) -> ClassroomSessionRow:
    """A session, held until the unit of work ends. Raises NotFound."""
    statement = select(ClassroomSessionRow).where(ClassroomSessionRow.id == session_id)
    found = session.execute(for_update(statement).execution_options(populate_existing=True)).scalar()
    if found is None:
        raise NotFound
    return found


def reached(session: Session, session_id: UUID, by: Staff) -> ClassroomSessionRow:
    """The same for one of the staff: a session of a unit in their reach. Raises NotFound.

    Held before it, in the order of all who act on both: its unit, that of its class, the lecture that it plays.
    """
    whose = classrooms.lies_with(session, session_id)
    units = organisations.held_units(session, {whose.unit_id, whose.class_unit_id or whose.unit_id})
    if not by.reaches(units[whose.unit_id].path):
        raise NotFound
    catalogue.hold_lecture(session, whose.lecture_id)
    return taken(session, session_id)


def hosted(session: Session, session_id: UUID, by: Staff) -> ClassroomSessionRow:
    """The same for its host, while they reach its unit. Raises NotFound."""
    found = reached(session, session_id, by)
    if found.host_id != by.person_id:
        raise NotFound
    return found


def still_open(room: ClassroomSessionRow) -> ClassroomSessionRow:
    """The session, which must not be over. Raises RoomOver."""
    if room.state != "open":
        raise RoomOver
    return room


def said(text: str, field: str, *, longest: int = 200) -> str:
    """A text that has to be given and holds no numbers of people. Raises Invalid."""
    text = text.strip()[:longest]
    if not text:
        raise Invalid(fields={field: N_("请填写此项")})
    refuse_numbers(**{field: text})
    return text
