"""An item that was stopped is not drawn again in its older words when the lecture it came with is put back."""

from flask import Flask
from sqlalchemy import select

from lms.infra.db import reading
from lms.moderation.domain.workflow import Level
from lms.questionbank import service as questionbank
from lms.questionbank.models import ItemVersionRow
from tests.factories import content
from tests.factories.items import typed_item, version
from tests.factories.people import NOW, Staff, post, signed_in, staff

__all__ = ["staff"]


def drawn(item_id: object) -> list[int]:
    with reading() as session:
        found = select(ItemVersionRow.version_no).where(
            ItemVersionRow.item_id == item_id, ItemVersionRow.state == "published"
        )
        return list(session.execute(found).scalars())


def test_what_was_stopped_stays_out_of_the_draw(clean: Flask, staff: Staff) -> None:
    lecture = content.publish(staff)
    with reading() as session:
        row = session.execute(
            select(ItemVersionRow).where(ItemVersionRow.revision_id == lecture.revision_id)
        ).scalars().first()  # fmt: skip
        first, item_id, bank = row.id, row.item_id, row.bank_code
    old = version(first)
    second = questionbank.save(
        first,
        bank,
        typed_item("改过的题干？", ref=old.ref),
        token=old.token,
        author_id=staff.uploader.person_id,
        now=NOW,
    )
    questionbank.hand_in([second], bank, actor_id=staff.uploader.person_id, now=NOW)
    for level, who in ((Level.PROVINCE, staff.province_reviewer), (Level.NATIONAL, staff.national_reviewer)):
        questionbank.decide(
            second, level, approves=True, comment="", token=version(second).token, reviewer=who, now=NOW
        )
    assert drawn(item_id) == [2]
    manager = signed_in(clean, staff.second_national_reviewer)
    assert post(manager, f"/staff/banks/{bank}/items/{second}/withdrawal", {"reason": "题目有误"}).status_code == 303
    assert drawn(item_id) == []
    review = f"/staff/reviews/{lecture.revision_id}"
    assert post(manager, f"{review}/suspension", {"reason": "核对"}).status_code == 303
    assert post(manager, f"{review}/resumption", {"reason": "无误"}).status_code == 303
    assert drawn(item_id) == []
