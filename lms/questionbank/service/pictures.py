"""Keeps the bytes of an item's pictures beside its version: they are read when a browser asks for one, and by nothing else."""

from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from lms.kernel.errors import N_, Invalid
from lms.questionbank.domain.exchange import ExchangeItem
from lms.questionbank.models import ItemPictureRow, ItemVersionRow

PICTURE_GONE = N_("题目中的图片已不在题库里，请重新插入")


def keep_pictures(session: Session, item_id: UUID, version_id: UUID, item: ExchangeItem) -> None:
    """Makes the pictures of a draft those of the item. Bytes that it only names are those of another version: whichever the
    author began from. Raises Invalid where none has them any more.
    """
    wanted = {one.digest: one.data for one in item.pictures}
    held = set(session.execute(select(ItemPictureRow.digest).where(ItemPictureRow.version_id == version_id)).scalars())
    if held - wanted.keys():
        session.execute(
            delete(ItemPictureRow).where(
                ItemPictureRow.version_id == version_id, ItemPictureRow.digest.in_(held - wanted.keys())
            )
        )
    missing = wanted.keys() - held
    named = [digest for digest in missing if not wanted[digest]]
    if named:
        copied = (
            select(ItemPictureRow.digest, ItemPictureRow.content)
            .join(ItemVersionRow, ItemVersionRow.id == ItemPictureRow.version_id)
            .where(ItemVersionRow.item_id == item_id, ItemPictureRow.digest.in_(named))
        )
        wanted |= {row.digest: row.content for row in session.execute(copied)}
        if not all(wanted[digest] for digest in named):
            raise Invalid(fields={"stem": PICTURE_GONE})
    if missing:
        session.execute(
            insert(ItemPictureRow),
            [{"version_id": version_id, "digest": digest, "content": wanted[digest]} for digest in sorted(missing)],
        )
