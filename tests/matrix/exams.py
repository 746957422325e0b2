"""What exams, banks and practice hold for everybody in the matrix."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from random import Random
from uuid import UUID

from sqlalchemy import select

from lms.access import service as access
from lms.exams import queries as papers, service as exams
from lms.exams.domain.attempts import SaveKey
from lms.exams.domain.blueprint import Blueprint, Section
from lms.exams.models import AttemptRow, MarkingPieceRow, RegradeRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from lms.kernel.permissions import Permission
from lms.kernel.principal import Principal
from lms.moderation.domain.workflow import Level
from lms.organisations.queries import Unit
from lms.practice import service as practice
from lms.questionbank import service as questionbank
from lms.questionbank.domain.exchange import ExchangeItem, Kind, Picture
from lms.questionbank.domain.exchangedata import to_data
from lms.questionbank.models import BankRow, ItemPictureRow, ItemVersionRow
from lms.questionbank.queries.items import whole
from tests.factories.items import decide
from tests.factories.people import Staff
from tests.factories.pictures import png
from tests.matrix.people import Holder

PICTURE = Picture("a.png", png())
_copies = count(1)


def illustrate() -> None:
    """Gives every item of the lesson a picture, for there is no way by which a published one would get one."""
    with unit_of_work() as session:
        for trigger in ("item_version_frozen", "item_picture_added"):
            session.connection().exec_driver_sql(f"DROP TRIGGER {trigger}")
        for row in session.execute(select(ItemVersionRow)).scalars():
            row.stem = f"{row.stem} ![图](a.png)"
            row.content = to_data(replace(whole(row), pictures=(PICTURE,)), bytes_elsewhere=True)
            session.add(ItemPictureRow(version_id=row.id, digest=PICTURE.digest, content=PICTURE.data))


def to_mark(holder: Holder, exam_id: UUID, attempt_id: UUID, now: datetime) -> dict[str, UUID]:
    """An answer that waits for a marker, and is theirs to mark for now."""
    with reading() as session:
        entry = papers.paper(session, attempt_id).entries[0]
    piece_id = ids.new_secret_id()
    with unit_of_work() as session:
        session.add(
            MarkingPieceRow(
                id=piece_id,
                attempt_id=attempt_id,
                position=entry.position,
                exam_id=exam_id,
                item_version_id=entry.version_id,
                points=entry.points,
                rank=1,
                wanted=1,
                state="waiting",
                held_by=holder.person.person_id,
                held_until=now + timedelta(hours=8),
                created_at=now,
            )
        )
    return {"piece_id": piece_id, "item_version_id": entry.version_id}


def regrade(holder: Holder, staff: Staff, now: datetime) -> UUID:
    """A proposal to put a key of their exam right, which waits for its second person."""
    regrade_id = ids.new_id(now)
    with unit_of_work() as session:
        session.add(
            RegradeRow(
                id=regrade_id,
                exam_id=holder.things["exam_id"],
                item_version_id=holder.things["item_version_id"],
                way="none",
                reason=f"更正{holder.canary}",
                state="checking",
                proposed_by=staff.national_reviewer.person_id,
                proposed_at=now,
                comment="",
            )
        )
    return regrade_id


def banked(where: Unit, holder: Holder, reviewers: Sequence[Principal], now: datetime) -> dict[str, UUID]:
    """A bank of their unit with an item, published unless the bank is the nation's, and a file that they read for it.

    The last of the reviewers is the national one.
    """
    bank_code = ids.new_id(now)  # not the canary: an address repeats what was asked for
    code = str(bank_code)
    questionbank.ensure_bank(code, f"题库{holder.canary}", unit_id=where.id, now=now)
    text = f"工会是{holder.canary} {{=群众组织 ~行政机关}}".encode()
    file_id = questionbank.keep_upload(
        code, questionbank.read_file(text, "a.gift"), "a.gift", actor_id=holder.person.person_id, now=now
    )
    item = ExchangeItem(
        Kind.SHORT_ANSWER,
        f"为什么要建立工会{holder.canary}？![图]({PICTURE.name})",
        reference="参考答案",
        pictures=(PICTURE,),
    )
    version_id = questionbank.create(code, item, author_id=holder.person.person_id, now=now)
    province = next((one for one in reviewers if access.may(one, Permission.REVIEW_PROVINCE, where.path)), None)
    if province is not None:
        questionbank.hand_in([version_id], code, actor_id=holder.person.person_id, now=now)
        decide(version_id, Level.PROVINCE, province, now=now)
        decide(version_id, Level.NATIONAL, reviewers[-1], now=now)
    return {"bank_code": bank_code, "file_id": file_id, "version_id": version_id}


def copied(bank: str, code: str, now: datetime) -> str:
    """A bank with the same items, for who sits an exam is kept out of the keys of all banks that it draws from."""
    with unit_of_work() as session:
        known = session.get_one(BankRow, bank)
        session.add(BankRow(code=code, title=known.title, kind=known.kind, unit_id=known.unit_id, created_at=now))
        session.flush()
        for row in session.execute(select(ItemVersionRow).where(ItemVersionRow.bank_code == bank)).scalars().all():
            values = {one.name: getattr(row, one.name) for one in ItemVersionRow.__table__.columns}
            version_id = ids.new_id(now)
            place = 1000 * next(_copies) + row.position
            session.add(
                ItemVersionRow(
                    **values | {"id": version_id, "item_id": version_id, "bank_code": code, "position": place}
                )
            )
            session.flush()
            session.add(ItemPictureRow(version_id=version_id, digest=PICTURE.digest, content=PICTURE.data))
    return code


def practised(class_id: UUID, course_id: UUID, person: Principal, now: datetime) -> dict[str, UUID]:
    """A round of practice and a mock exam of theirs, on a course that all of them learn."""
    rng = Random(1)
    return {
        "course_id": course_id,
        "round_id": practice.start_round(course_id, person.person_id, practice.COURSE, now=now, rng=rng),
        "mock_id": practice.start_mock(class_id, person.person_id, now=now, seed=1),
    }


def blueprint(bank: str) -> Blueprint:
    sections = (Section("single", 1, 50, (bank,)), Section("true_false", 1, 50, (bank,)))
    return Blueprint(sections, minutes=60, pass_mark=60, max_attempts=3)


def answer_all(attempt_id: UUID, person: Principal, now: datetime) -> None:
    with reading() as session:
        epoch = session.execute(select(AttemptRow.epoch).where(AttemptRow.id == attempt_id)).scalar_one()
        entries = papers.paper(session, attempt_id).entries
    for entry in entries:
        value = entry.on_page({"single": ["A"], "true_false": ["T"]}[entry.type])
        exams.save_answer(attempt_id, person.person_id, entry.position, SaveKey(epoch, 1), value, received_at=now)
