"""Certificates: counters of numbers, certificates, sealed documents, history."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, no_longer_append_only, refuse
from lms.infra.types import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FIXED = (
    "id",
    "number",
    "version",
    "person_id",
    "class_id",
    "unit_path",
    "facts",
    "facts_sha256",
    "verify_token",
    "issued_at",
)
STEPS = (
    "issuing>valid", "issuing>revoked", "valid>suspended", "valid>revoked", "valid>superseded", "valid>expired",
    "suspended>valid", "suspended>revoked", "suspended>expired",
)  # fmt: skip
CURRENT = sa.text("status IN ('issuing', 'valid', 'suspended')")


def upgrade() -> None:
    op.create_table(
        "certificate_counter",
        sa.Column("province", sa.String(length=2), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=2), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.CheckConstraint("last >= 1", name=op.f("ck_certificate_counter_last")),
        sa.PrimaryKeyConstraint("province", "year", "kind", name=op.f("pk_certificate_counter")),
    )
    op.create_table(
        "certificate",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("facts_sha256", sa.String(length=64), nullable=False),
        sa.Column("verify_token", sa.Uuid(), nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "status IN ('issuing', 'valid', 'suspended', 'revoked', 'superseded', 'expired')",
            name=op.f("ck_certificate_status"),
        ),
        sa.CheckConstraint("version >= 1", name=op.f("ck_certificate_version")),
        sa.CheckConstraint("length(facts_sha256) = 64", name=op.f("ck_certificate_facts_sha256")),
        sa.ForeignKeyConstraint(["class_id"], ["training_class.id"], name=op.f("fk_certificate_class_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_certificate_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("number", "version", name=op.f("uq_certificate_number_version")),
        sa.UniqueConstraint("verify_token", name=op.f("uq_certificate_verify_token")),
    )
    with op.batch_alter_table("certificate", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_class_id", ["class_id"], unique=False)
        batch_op.create_index("ix_certificate_person_id_issued_at", ["person_id", "issued_at"], unique=False)
        batch_op.create_index(
            "uq_certificate_current",
            ["person_id", "class_id"],
            unique=True,
            sqlite_where=CURRENT,
            postgresql_where=CURRENT,
        )

    op.create_table(
        "certificate_document",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("storage_key", sa.String(length=120), nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_certificate_document_sha256")),
        sa.CheckConstraint("size > 0", name=op.f("ck_certificate_document_size")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_document_certificate_id")
        ),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_document")),
        sa.UniqueConstraint("sha256", name=op.f("uq_certificate_document_sha256")),
    )
    op.create_table(
        "certificate_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("old", sa.String(length=10), nullable=True),
        sa.Column("new", sa.String(length=10), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("second_actor_id", sa.Uuid(), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint("action <> 'revoke' OR reason <> ''", name=op.f("ck_certificate_event_reason")),
        sa.CheckConstraint(
            "action <> 'revoke' OR (actor_id IS NOT NULL AND second_actor_id IS NOT NULL AND actor_id <> second_actor_id)",
            name=op.f("ck_certificate_event_two_persons"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_certificate_event_actor_id")),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_event_certificate_id")
        ),
        sa.ForeignKeyConstraint(["second_actor_id"], ["person.id"], name=op.f("fk_certificate_event_second_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_event")),
    )
    with op.batch_alter_table("certificate_event", schema=None) as batch_op:
        batch_op.create_index("ix_certificate_event_certificate_id", ["certificate_id"], unique=False)

    changed = " OR ".join(f"OLD.{column} <> NEW.{column}" for column in FIXED)
    refuse(
        "certificate",
        "certificate_fixed",
        on="UPDATE",
        when=changed,
        message="only the status of a certificate changes",
    )
    steps = ", ".join(f"'{step}'" for step in STEPS)
    refuse(
        "certificate",
        "certificate_steps",
        on="UPDATE",
        when=f"OLD.status <> NEW.status AND (OLD.status || '>' || NEW.status) NOT IN ({steps})",
        message="a certificate does not change its status so",
    )
    refuse("certificate", "certificate_no_delete", on="DELETE", message="certificates are never deleted")
    refuse(
        "certificate_counter",
        "certificate_counter_no_gap",
        on="UPDATE",
        when="NEW.last <> OLD.last + 1",
        message="certificate numbers leave no gap",
    )
    refuse("certificate_counter", "certificate_counter_no_delete", on="DELETE", message="counters are never deleted")
    append_only("certificate_document")
    append_only("certificate_event")


def downgrade() -> None:
    no_longer_append_only("certificate_event")
    no_longer_append_only("certificate_document")
    for table, names in {
        "certificate_counter": ("certificate_counter_no_delete", "certificate_counter_no_gap"),
        "certificate": ("certificate_no_delete", "certificate_steps", "certificate_fixed"),
    }.items():
        for name in names:
            allow_again(table, name)
    op.drop_table("certificate_event")
    op.drop_table("certificate_document")
    op.drop_table("certificate")
    op.drop_table("certificate_counter")
