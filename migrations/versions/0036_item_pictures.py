"""The bytes of pictures lie beside the version that shows them: a list or a draw of items reads none of them."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Json
from lms.questionbank.domain.pictures import seen

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

VERSIONS = sa.table("item_version", sa.column("id", sa.Uuid), sa.column("state", sa.String), sa.column("content", Json))
PICTURES = sa.table(
    "item_picture",
    sa.column("version_id", sa.Uuid),
    sa.column("digest", sa.String),
    sa.column("content", sa.LargeBinary),
)
FROZEN = (
    *("type", "stem", "options", "answer", "explanation", "sources", "bank_code", "revision_id", "content"),
    *("item_id", "version_no", "ref", "valid_until"),
)
NO_DRAFT = "EXISTS (SELECT 1 FROM item_version v WHERE v.id = {row}.version_id AND v.state <> 'draft')"


def _move(changed_pictures: Callable[[UUID, list[Any]], list[Any]], *states: str) -> None:
    """Writes the pictures that versions name in another way, one version at a time: they may be large."""
    bind = op.get_bind()
    pictured = sa.cast(VERSIONS.c.content, sa.Text).like('%"pictures"%')
    if states:
        pictured = pictured & VERSIONS.c.state.in_(states)
    for version_id in bind.execute(sa.select(VERSIONS.c.id).where(pictured)).scalars().all():
        mine = VERSIONS.c.id == version_id
        content = bind.execute(sa.select(VERSIONS.c.content).where(mine)).scalar_one()
        if content.get("pictures"):
            content = content | {"pictures": changed_pictures(version_id, content["pictures"])}
            bind.execute(sa.update(VERSIONS).where(mine).values(content=content))


def _out(version_id: UUID, pictures: list[Any]) -> list[Any]:
    """[name, base64] → [name, "", digest, width, height], and the bytes into their table."""
    named, held = [], dict[str, bytes]()
    for name, text in pictures:
        data = base64.b64decode(text)
        found = seen(data)
        data = found.content if found else data
        digest = hashlib.sha256(data).hexdigest()
        held[digest] = data
        named.append([name, "", digest, found.width if found else 0, found.height if found else 0])
    rows = [{"version_id": version_id, "digest": digest, "content": data} for digest, data in held.items()]
    op.get_bind().execute(sa.insert(PICTURES), rows)
    return named


def _back(version_id: UUID, pictures: list[Any]) -> list[Any]:
    rows = op.get_bind().execute(
        sa.select(PICTURES.c.digest, PICTURES.c.content).where(PICTURES.c.version_id == version_id)
    )
    held = {row.digest: row.content for row in rows}
    return [[one[0], base64.b64encode(held.get(one[2], b"")).decode()] for one in pictures]


def upgrade() -> None:
    op.create_table(
        "item_picture",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"], ["item_version.id"], name=op.f("fk_item_picture_version_id_item_version")
        ),
        sa.PrimaryKeyConstraint("version_id", "digest", name=op.f("pk_item_picture")),
    )
    _move(_out, "draft")  # an item with pictures was no more than a draft so far
    refuse("item_picture", "item_picture_frozen", on="UPDATE", message="a picture never changes")
    refuse(
        "item_picture",
        "item_picture_added",
        on="INSERT",
        when=NO_DRAFT.format(row="NEW"),
        message="only a draft takes pictures in",
    )
    refuse(
        "item_picture",
        "item_picture_kept",
        on="DELETE",
        when=NO_DRAFT.format(row="OLD").replace("<> 'draft'", "NOT IN ('draft', 'returned')"),
        message="the pictures of an item's version are kept",
    )


def downgrade() -> None:
    for guard in ("item_picture_frozen", "item_picture_added", "item_picture_kept"):
        allow_again("item_picture", guard)
    allow_again("item_version", "item_version_frozen")
    _move(_back)
    refuse(
        "item_version",
        "item_version_frozen",
        on="UPDATE",
        when=f"OLD.state <> 'draft' AND ({changed(*FROZEN)})",
        message="an item's version never changes",
    )
    op.drop_table("item_picture")
