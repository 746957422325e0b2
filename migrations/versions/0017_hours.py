"""Targets, corrections by two persons, disputes and frozen years."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, Json, SortKey

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

PROPOSED = sa.text("state = 'proposed'")
WAITING = sa.text("state IN ('open', 'escalated')")
FIXED_CORRECTION = ("id", "entry_id", "kind", "person_id", "reason", "proposed_by", "proposed_at")
FIXED_DISPUTE = ("id", "person_id", "entry_id", "about", "unit_id", "filed_at")
MOVES = (("open", "answered"), ("open", "withdrawn"), ("answered", "escalated"), ("escalated", "decided"))

CONFIRMED = (
    "EXISTS (SELECT 1 FROM hours_correction c WHERE c.entry_id = NEW.reversal_of AND c.kind = 'reversal' "
    "AND c.state = 'confirmed' AND c.proposed_by = NEW.actor_id AND c.decided_by <> NEW.actor_id)"
)
DOUBLE = (
    "EXISTS (SELECT 1 FROM credit_entry e JOIN person p ON p.id = e.person_id JOIN person q ON q.id = NEW.person_id "
    "WHERE e.source = NEW.source AND e.source_id = NEW.source_id AND e.count_year = NEW.count_year "
    "AND e.reversal_of IS NULL AND e.id <> NEW.reversal_of "
    "AND COALESCE(p.merged_into, p.id) = COALESCE(q.merged_into, q.id))"
)


def upgrade() -> None:
    _targets()
    _corrections()
    _disputes()
    _years()


def _targets() -> None:
    op.create_table(
        "hours_target_set",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("first_year", sa.Integer(), nullable=False),
        sa.Column("last_year", sa.Integer(), nullable=False),
        sa.Column("parameters", Json(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=False),
        sa.CheckConstraint("version >= 2", name=op.f("ck_hours_target_set_version")),
        sa.CheckConstraint(
            "first_year >= 2000 AND last_year >= first_year AND last_year <= 2999",
            name=op.f("ck_hours_target_set_years"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_hours_target_set_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_target_set")),
        sa.UniqueConstraint("version", name=op.f("uq_hours_target_set_version")),
    )
    append_only("hours_target_set")


def _corrections() -> None:
    op.create_table(
        "hours_correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("proposed_at", Instant(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.CheckConstraint("kind IN ('reversal', 'recredit')", name=op.f("ck_hours_correction_kind")),
        sa.CheckConstraint(
            "state IN ('proposed', 'confirmed', 'declined', 'withdrawn')", name=op.f("ck_hours_correction_state")
        ),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_hours_correction_reason")),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_by IS NULL) AND (decided_by IS NULL) = (decided_at IS NULL)",
            name=op.f("ck_hours_correction_decided"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('confirmed', 'declined') OR decided_by <> proposed_by",
            name=op.f("ck_hours_correction_two_persons"),
        ),
        sa.CheckConstraint(
            "proposed_by <> person_id AND (decided_by IS NULL OR decided_by <> person_id)",
            name=op.f("ck_hours_correction_not_own"),
        ),
        sa.ForeignKeyConstraint(["entry_id"], ["credit_entry.id"], name=op.f("fk_hours_correction_entry_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hours_correction_person_id")),
        sa.ForeignKeyConstraint(["proposed_by"], ["person.id"], name=op.f("fk_hours_correction_proposed_by")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_hours_correction_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_correction")),
    )
    op.create_index("ix_hours_correction_entry_id", "hours_correction", ["entry_id"])
    op.create_index("ix_hours_correction_person_id", "hours_correction", ["person_id"])
    op.create_index(
        "uq_hours_correction_proposed",
        "hours_correction",
        ["entry_id"],
        unique=True,
        sqlite_where=PROPOSED,
        postgresql_where=PROPOSED,
    )
    op.create_index(
        "ix_hours_correction_waiting", "hours_correction", ["id"], sqlite_where=PROPOSED, postgresql_where=PROPOSED
    )
    refuse(
        "hours_correction",
        "hours_correction_decided_once",
        on="UPDATE",
        when=f"OLD.state <> 'proposed' OR {changed(*FIXED_CORRECTION)}",
        message="hours_correction: decided once",
    )
    refuse("hours_correction", "hours_correction_no_delete", on="DELETE", message="hours_correction is append-only")
    refuse(
        "credit_entry",
        "credit_entry_two_persons",
        on="INSERT",
        when=f"NEW.reversal_of IS NOT NULL AND NOT {CONFIRMED} AND NOT {DOUBLE}",
        message="credit_entry: a reversal needs a proposal that another person confirmed",
    )


def _disputes() -> None:
    op.create_table(
        "hours_dispute",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.Column("about", sa.String(length=120), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("level_unit_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("filed_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.CheckConstraint(
            "state IN ('open', 'answered', 'escalated', 'decided', 'withdrawn')", name=op.f("ck_hours_dispute_state")
        ),
        sa.CheckConstraint("about <> ''", name=op.f("ck_hours_dispute_about")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hours_dispute_person_id")),
        sa.ForeignKeyConstraint(["entry_id"], ["credit_entry.id"], name=op.f("fk_hours_dispute_entry_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hours_dispute_unit_id")),
        sa.ForeignKeyConstraint(["level_unit_id"], ["unit.id"], name=op.f("fk_hours_dispute_level_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_dispute")),
    )
    op.create_index("ix_hours_dispute_person_id_id", "hours_dispute", ["person_id", "id"])
    op.create_index(
        "ix_hours_dispute_waiting",
        "hours_dispute",
        ["changed_at", "id"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_index(
        "uq_hours_dispute_entry_waiting",
        "hours_dispute",
        ["entry_id"],
        unique=True,
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )
    op.create_table(
        "hours_dispute_word",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("dispute_id", sa.Uuid(), nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", sa.String(length=10), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.CheckConstraint(
            "act IN ('filed', 'answered', 'escalated', 'decided', 'withdrawn')", name=op.f("ck_hours_dispute_word_act")
        ),
        sa.CheckConstraint(
            "(act IN ('answered', 'decided')) = (outcome IN ('upheld', 'declined')) "
            "AND outcome IN ('', 'upheld', 'declined')",
            name=op.f("ck_hours_dispute_word_outcome"),
        ),
        sa.CheckConstraint("act = 'withdrawn' OR text <> ''", name=op.f("ck_hours_dispute_word_text")),
        sa.ForeignKeyConstraint(["dispute_id"], ["hours_dispute.id"], name=op.f("fk_hours_dispute_word_dispute_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_hours_dispute_word_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_dispute_word")),
        sa.UniqueConstraint("dispute_id", "act", name=op.f("uq_hours_dispute_word_dispute_id_act")),
    )
    append_only("hours_dispute_word")
    refuse(
        "hours_dispute_word",
        "hours_dispute_word_who",
        on="INSERT",
        when="(NEW.act IN ('answered', 'decided') AND EXISTS (SELECT 1 FROM hours_dispute d "
        "WHERE d.id = NEW.dispute_id AND d.person_id = NEW.actor_id)) "
        "OR EXISTS (SELECT 1 FROM hours_dispute_word w WHERE w.dispute_id = NEW.dispute_id AND w.act = 'answered' "
        "AND NEW.act = 'decided' AND w.actor_id = NEW.actor_id)",
        message="hours_dispute_word: two others than the learner answer",
    )
    known = " OR ".join(f"(OLD.state = '{old}' AND NEW.state = '{new}')" for old, new in MOVES)
    refuse(
        "hours_dispute",
        "hours_dispute_moves",
        on="UPDATE",
        when=f"NOT ({known}) OR {changed(*FIXED_DISPUTE)}",
        message="hours_dispute: no such step",
    )
    refuse("hours_dispute", "hours_dispute_no_delete", on="DELETE", message="hours_dispute is append-only")


def _years() -> None:
    op.create_table(
        "hours_year_record",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("people", Json(), nullable=False),
        sa.Column("category", sa.String(length=12), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", SortKey(length=200), nullable=False),
        sa.Column("target_version", sa.Integer(), nullable=False),
        sa.Column("self_study", sa.Integer(), nullable=False),
        sa.Column("self_study_required", sa.Integer(), nullable=False),
        sa.Column("centralized", sa.Integer(), nullable=False),
        sa.Column("centralized_required", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_hours_year_record_version")),
        sa.CheckConstraint("entries >= 0", name=op.f("ck_hours_year_record_entries")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hours_year_record_person_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_hours_year_record_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_year_record")),
        sa.UniqueConstraint("person_id", "year", "version", name=op.f("uq_hours_year_record_person_id_year_version")),
    )
    op.create_index("ix_hours_year_record_year_person_id", "hours_year_record", ["year", "person_id"])
    append_only("hours_year_record")


def downgrade() -> None:
    no_longer_append_only("hours_year_record")
    op.drop_table("hours_year_record")
    allow_again("hours_dispute", "hours_dispute_no_delete")
    allow_again("hours_dispute", "hours_dispute_moves")
    allow_again("hours_dispute_word", "hours_dispute_word_who")
    no_longer_append_only("hours_dispute_word")
    op.drop_table("hours_dispute_word")
    op.drop_table("hours_dispute")
    allow_again("credit_entry", "credit_entry_two_persons")
    allow_again("hours_correction", "hours_correction_no_delete")
    allow_again("hours_correction", "hours_correction_decided_once")
    op.drop_table("hours_correction")
    no_longer_append_only("hours_target_set")
    op.drop_table("hours_target_set")
