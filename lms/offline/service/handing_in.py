"""Hands a training in for approval one level up, and takes it back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from lms.accounts.domain.reach import Staff
from lms.infra.db import unit_of_work
from lms.kernel.errors import N_, Conflict, Invalid
from lms.offline import queries
from lms.offline.domain import overlaps
from lms.offline.domain.workflow import Act
from lms.offline.models import OutsideTraineeRow
from lms.offline.service.drafting import refuse_too_many_hours, refuse_wrong
from lms.offline.service.holding import facts_of, held, lay_hand, led_to, refuse_elsewhere, write


class CountsAlready(Conflict):
    """Somebody has this training already, handed in or in the ledger."""

    code, title = "training_doubled", N_("名单中有人已经登记过同一次培训，不能重复计入")


def submit(training_id: UUID, *, by: Staff, now: datetime) -> None:
    """Hands a training in. Raises NotFound, NotNow, Invalid naming what is missing, CountsAlready."""
    with unit_of_work() as session:
        row = held(session, training_id, by)
        state = led_to(row, Act.SUBMIT)
        lay_hand(session, training_id, by.person_id)
        refuse_wrong(facts_of(row), now)
        refuse_too_many_hours(session, training_id, facts_of(row))
        people = list(
            session.execute(
                select(OutsideTraineeRow.person_id).where(OutsideTraineeRow.training_id == training_id)
            ).scalars()
        )
        missing = {}
        if not people:
            missing["people"] = N_("请先添加参加培训的人员")
        if not row.proof_sha256:
            missing["file"] = N_("请先上传证明材料")
        if missing:
            raise Invalid(fields=missing)
        refuse_elsewhere(session, row, now)
        others = queries.held(session, people, row.from_on, row.until_on)
        if any(one.same for one in overlaps.clashes(training_id, row.title, row.from_on, row.until_on, others)):
            raise CountsAlready
        write(
            session,
            training_id,
            "training_submitted",
            by=by.person_id,
            now=now,
            details={"people": len(people)},
            state=state,
            submitted_by=by.person_id,
            submitted_at=now,
            decided_by=None,
            decided_at=None,
        )


def retract(training_id: UUID, *, by: Staff, now: datetime) -> None:
    """Takes a training back before it is decided. Raises NotFound, NotNow."""
    with unit_of_work() as session:
        row = held(session, training_id, by)
        write(session, training_id, "training_retracted", by=by.person_id, now=now, state=led_to(row, Act.RETRACT))
