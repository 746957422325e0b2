"""Drafts that held their pictures name them afterwards, and hold them again when the step is undone."""

import base64
from uuid import UUID

from sqlalchemy import bindparam, select, text

from lms.infra import db, schema
from lms.infra.types import Instant, Json, Uuid
from lms.questionbank.domain.exchange import ExchangeItem, Kind, Picture
from lms.questionbank.domain.exchangedata import from_data, to_data
from lms.questionbank.models import ItemPictureRow, ItemVersionRow
from tests.factories.people import NOW
from tests.factories.pictures import chunk, png

VERSION = UUID("00000000-0000-7000-8000-000000000001")
CLEAN, RIDDEN = png(), png(extra=chunk(b"tEXt", b"who drew it"))
ITEM = ExchangeItem(
    Kind.SHORT_ANSWER,
    "看 ![图](a.png) ![图](b.png) ![坏](c.png)",
    pictures=(Picture("a.png", CLEAN), Picture("b.png", RIDDEN), Picture("c.png", b"x")),
)
DRAFT = text(
    "INSERT INTO item_version (id, bank_code, position, ref, type, stem, options, answer, explanation, sources,"
    " knowledge_point, difficulty, is_case, void_rule, content, state, created_at, item_id, version_no, round, compared)"
    " VALUES (:id, 'B', 1, 'R', 'short_answer', 's', :none, :none, '', :none, '', 2, false, '', :content, 'draft', :now,"
    " :id, 1, 0, false)"
).bindparams(
    bindparam("id", type_=Uuid),
    bindparam("content", type_=Json),
    bindparam("none", type_=Json),
    bindparam("now", type_=Instant),
)
BANK = text("INSERT INTO bank (code, title, kind, created_at) VALUES ('B', 'B', 'exam', :now)").bindparams(
    bindparam("now", type_=Instant)
)


def content() -> dict[str, object]:
    with db.engine().connect() as connection:
        found: dict[str, object] = connection.execute(select(ItemVersionRow.content)).scalar_one()
        return found


def test_pictures_move_out_of_drafts_and_back(empty_database: str) -> None:
    schema.upgrade("0035")
    with db.engine().begin() as connection:
        connection.execute(BANK, {"now": NOW})
        connection.execute(DRAFT, {"id": VERSION, "content": to_data(ITEM), "none": [], "now": NOW})
    schema.upgrade()
    moved = from_data(content())
    assert [one.size for one in moved.pictures] == [(2, 2), (2, 2), (0, 0)], "a broken one is for its author to replace"
    assert not any(one.data for one in moved.pictures)
    with db.engine().connect() as connection:
        rows = connection.execute(select(ItemPictureRow.digest, ItemPictureRow.content)).all()
    held = {row.digest: row.content for row in rows}
    assert [held[one.digest] for one in moved.pictures] == [CLEAN, CLEAN, b"x"], "what rode along is gone"
    schema.downgrade("0035")
    assert content()["pictures"] == [
        [name, base64.b64encode(data).decode()] for name, data in (("a.png", CLEAN), ("b.png", CLEAN), ("c.png", b"x"))
    ]
