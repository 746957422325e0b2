"""Accommodations of people: more time in exams and for presence checks, each by two persons."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, refuse
from lms.infra.types import Instant

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

TABLE = "accommodation"
FIXED = (
    "id",
    "person_id",
    "version",
    "exam_percent",
    "presence_percent",
    "basis",
    "reference",
    "from_on",
    "until_on",
    "proposed_by",
    "proposed_at",
)
ALLOWED = (
    "(OLD.state = 'proposed' AND NEW.state IN ('confirmed', 'declined', 'withdrawn'))"
    " OR (OLD.state = 'confirmed' AND NEW.state = 'revoked')"
)


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("exam_percent", sa.Integer(), nullable=False),
        sa.Column("presence_percent", sa.Integer(), nullable=False),
        sa.Column("basis", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.Column("revoked_by", sa.Uuid(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.Column("revoked_reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_accommodation_version")),
        sa.CheckConstraint("exam_percent BETWEEN 100 AND 300", name=op.f("ck_accommodation_exam_percent")),
        sa.CheckConstraint("presence_percent IN (100, 200)", name=op.f("ck_accommodation_presence_percent")),
        sa.CheckConstraint("exam_percent > 100 OR presence_percent > 100", name=op.f("ck_accommodation_something")),
        sa.CheckConstraint("basis IN ('document', 'decision', 'application')", name=op.f("ck_accommodation_basis")),
        sa.CheckConstraint("until_on >= from_on", name=op.f("ck_accommodation_days")),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'declined', 'withdrawn', 'revoked')",
            name=op.f("ck_accommodation_state"),
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_accommodation_decided"),
        ),
        sa.CheckConstraint(
            "state IN ('proposed', 'withdrawn') OR decided_by <> proposed_by", name=op.f("ck_accommodation_two_persons")
        ),
        sa.CheckConstraint(
            "proposed_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)",
            name=op.f("ck_accommodation_not_own"),
        ),
        sa.CheckConstraint(
            "(state = 'revoked') = (revoked_by IS NOT NULL) AND (revoked_by IS NULL) = (revoked_at IS NULL) "
            "AND (revoked_by IS NULL OR (revoked_by <> person_id AND revoked_reason <> ''))",
            name=op.f("ck_accommodation_revoked"),
        ),
        *(
            sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_accommodation_{column}"))
            for column in ("person_id", "proposed_by", "decided_by", "revoked_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
        sa.UniqueConstraint("person_id", "version", name=op.f("uq_accommodation_person_id_version")),
    )
    waiting = sa.text("state = 'proposed'")
    for name, column, unique in (
        ("uq_accommodation_proposed", "person_id", True),
        ("ix_accommodation_waiting", "id", False),
    ):
        op.create_index(name, TABLE, [column], unique=unique, sqlite_where=waiting, postgresql_where=waiting)
    refuse(
        TABLE,
        "accommodation_begins",
        on="INSERT",
        when="NEW.state <> 'proposed'",
        message="accommodation: it begins as a proposal",
    )
    refuse(
        TABLE,
        "accommodation_fixed",
        on="UPDATE",
        when=f"{changed(*FIXED)} OR NOT ({ALLOWED})"
        f" OR (OLD.state <> 'proposed' AND ({changed('decided_by', 'decided_at', 'comment')}))",
        message="accommodation: only its decision and its revocation are added, once each",
    )
    refuse(TABLE, "accommodation_kept", on="DELETE", message="accommodation: versions are kept")


def downgrade() -> None:
    for name in ("accommodation_kept", "accommodation_fixed", "accommodation_begins"):
        allow_again(TABLE, name)
    op.drop_table(TABLE)
