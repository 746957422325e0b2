"""The live board of an exam: signs of life, events, messages, and more time that a second person confirms."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, is_postgresql, no_longer_append_only, refuse
from lms.infra.types import Instant

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

ASKED = ("id", "exam_id", "attempt_id", "minutes", "reason", "asked_by", "asked_at")
ONWARD = (
    "(OLD.state = 'asked' AND NEW.state IN ('confirmed', 'declined'))"
    " OR (OLD.state = 'confirmed' AND NEW.state = 'done')"
)


def _person(name: str, table: str, *, nullable: bool = False) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column(name, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_{table}_{name}")),
    )


def _attempt(table: str, *, nullable: bool = False) -> tuple[sa.schema.SchemaItem, ...]:
    return (
        sa.Column("attempt_id", sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint(["attempt_id"], ["attempt.id"], name=op.f(f"fk_{table}_attempt_id")),
    )


def upgrade() -> None:
    op.create_index("ix_attempt_exam_id_id", "attempt", ["exam_id", "id"])
    op.create_table(
        "allowance_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_allowance_request_exam_id")),
        *_attempt("allowance_request", nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        *_person("asked_by", "allowance_request"),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        *_person("decided_by", "allowance_request", nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.CheckConstraint(
            "state IN ('asked', 'confirmed', 'done', 'declined')", name=op.f("ck_allowance_request_state")
        ),
        sa.CheckConstraint("minutes BETWEEN 1 AND 60", name=op.f("ck_allowance_request_minutes")),
        sa.CheckConstraint("(state = 'asked') = (decided_by IS NULL)", name=op.f("ck_allowance_request_decided_by")),
        sa.CheckConstraint("(decided_by IS NULL) = (decided_at IS NULL)", name=op.f("ck_allowance_request_decided_at")),
        sa.CheckConstraint("decided_by <> asked_by", name=op.f("ck_allowance_request_two_persons")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allowance_request")),
    )
    op.create_index("ix_allowance_request_exam_id_asked_at", "allowance_request", ["exam_id", "asked_at"])
    op.create_index("ix_allowance_request_attempt_id", "allowance_request", ["attempt_id"])
    confirmed = sa.text("state = 'confirmed'")
    op.create_index(
        "ix_allowance_request_confirmed",
        "allowance_request",
        ["decided_at"],
        sqlite_where=confirmed,
        postgresql_where=confirmed,
    )
    refuse(
        "allowance_request",
        "allowance_request_onward",
        on="UPDATE",
        when=f"({changed(*ASKED)}) OR NOT ({ONWARD})"
        f" OR (OLD.state = 'confirmed' AND ({changed('decided_by', 'decided_at')}))",
        message="allowance_request: what was asked stands, and is decided once",
    )
    refuse("allowance_request", "allowance_request_kept", on="DELETE", message="allowance_request: it is kept")
    # Added in place, as SQLite would lose the table's triggers with a new one.
    kind = "UUID" if is_postgresql() else "CHAR(32)"
    op.execute(
        f"ALTER TABLE allowance ADD COLUMN request_id {kind}"
        " CONSTRAINT fk_allowance_request_id REFERENCES allowance_request (id)"
    )
    op.create_index("uq_allowance_attempt_id_request_id", "allowance", ["attempt_id", "request_id"], unique=True)
    op.create_table(
        "attempt_presence",
        *_attempt("attempt_presence"),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("network", sa.String(length=32), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempt_presence")),
    )
    op.create_index("ix_attempt_presence_seen_at", "attempt_presence", ["seen_at"])
    op.create_table(
        "attempt_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_attempt("attempt_event"),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("no", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "kind IN ('away', 'paste', 'reconnect', 'network', 'reopened')", name=op.f("ck_attempt_event_kind")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt_event")),
        sa.UniqueConstraint("attempt_id", "epoch", "no", name=op.f("uq_attempt_event_attempt_id_epoch_no")),
    )
    op.create_index("ix_attempt_event_at", "attempt_event", ["at"])
    op.create_table(
        "exam_message",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("exam_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["exam_id"], ["exam.id"], name=op.f("fk_exam_message_exam_id")),
        *_attempt("exam_message", nullable=True),
        sa.Column("text", sa.String(length=300), nullable=False),
        *_person("sent_by", "exam_message"),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exam_message")),
    )
    op.create_index("ix_exam_message_exam_id_sent_at", "exam_message", ["exam_id", "sent_at"])
    op.create_index("ix_exam_message_attempt_id", "exam_message", ["attempt_id"])
    append_only("exam_message")


def downgrade() -> None:
    no_longer_append_only("exam_message")
    allow_again("allowance_request", "allowance_request_onward")
    allow_again("allowance_request", "allowance_request_kept")
    for table in ("exam_message", "attempt_event", "attempt_presence"):
        op.drop_table(table)
    op.drop_index("uq_allowance_attempt_id_request_id", "allowance")
    op.execute("ALTER TABLE allowance DROP COLUMN request_id")
    op.drop_table("allowance_request")
    op.drop_index("ix_attempt_exam_id_id", "attempt")
