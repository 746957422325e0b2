"""Joins two accounts of one person: the records of both stay as they are, and reads use both from then on."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import update

from lms.accounts.domain import notice
from lms.accounts.domain.identity import Known, judge_join
from lms.accounts.domain.reach import Staff
from lms.accounts.events import people_joined
from lms.accounts.models import PersonRow
from lms.accounts.service import corrections, id_numbers, memberships, privacy, standing
from lms.accounts.service.holding import hold, said
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict
from lms.kernel.verdict import Denied
from lms.notices import service as notices


class SamePerson(Conflict):
    """An account can't be joined with itself."""

    code, title = "same_person", N_("请选择两个不同的账号")


class TwoPeople(Conflict):
    """Both have an ID number, and one number belongs to one person: these are two."""

    code, title = "two_people", N_("两个账号登记了不同的身份证号，不是同一个人，不能合并")


class OtherName(Conflict):
    """The names differ: what is proved of one name must not pass to another."""

    code, title = "other_name", N_("两个账号的姓名不同，请先更正姓名，确认是同一个人后再合并")


class RenamedLately(Conflict):
    """A name that was changed to fit joins nothing."""

    code, title = (
        "renamed_lately",
        N_("其中一个账号的姓名在 30 天内更改过，暂时不能合并；两个账号都没有变动，请满 30 天后再办理"),
    )


REFUSALS: dict[str, type[Conflict]] = {"two_people": TwoPeople, "other_name": OtherName, "renamed": RenamedLately}


@dataclass(frozen=True)
class Joined:
    """Which account stays and which one is gone."""

    kept_id: UUID
    gone_id: UUID


def join(kept_id: UUID, gone_id: UUID, *, by: Staff, reason: str, now: datetime) -> Joined:
    """Makes `gone` an alias of `kept`: it signs in no more, and what it earned counts for the other.

    Double hours are reversed and certificates that both together earned are issued by who listens, in the same step.
    What is known of who stays does not rise by it: an ID number of `gone` is erased, to be given and compared again.

    Raises NotFound (one of them outside `by`'s reach), OnOneself, PersonGone, SamePerson, TwoPeople, OtherName,
    RenamedLately, Invalid, and what listeners raise (an exam is under way).
    """
    reason = said(reason)
    if kept_id == gone_id:
        raise SamePerson
    with unit_of_work() as session:
        held = {
            one: hold(session, one, by, account=True) for one in sorted((kept_id, gone_id))
        }  # in one order: no deadlock
        verdict = judge_join(*(Known(one.name, one.named_at, one.has_id_number) for one in held.values()), now=now)
        if isinstance(verdict, Denied):
            raise REFUSALS[verdict.reason]
        corrections.take_back_all(session, gone_id, by=by.person_id, now=now)
        id_numbers.erase(session, gone_id, now=now)
        privacy.end(session, gone_id, notice.ID_NUMBER, now=now)
        session.execute(
            update(PersonRow)
            .where((PersonRow.id == gone_id) | (PersonRow.merged_into == gone_id))
            .values(merged_into=kept_id)
            .execution_options(synchronize_session=False)
        )
        memberships.end_all(session, gone_id, now=now)
        notices.hand_over(gone_id, kept_id)
        standing.retire(session, gone_id, reason=reason, now=now)
        audit.record(
            session,
            action="people.joined",
            object_type="person",
            object_id=kept_id,
            actor_id=by.person_id,
            details={"gone": str(gone_id), "reason": reason},
            now=now,
        )
        people_joined.send(kept_id=kept_id, gone_id=gone_id, at=now, actor_id=by.person_id, reason=reason)
    return Joined(kept_id, gone_id)
