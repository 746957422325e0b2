"""Messages to people; hours entered by units; totals of units."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import afterwards, allow_again, append_only, changed, no_longer_append_only, refuse
from lms.infra.types import Instant, Json, SortKey

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


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
UNCONFIRMED = f"NEW.reversal_of IS NOT NULL AND NOT {CONFIRMED} AND NOT {DOUBLE}"
TWO_PERSONS = "credit_entry: a reversal needs a proposal that another person confirmed"


def _notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("key", sa.String(80), nullable=False),
        sa.Column("title", sa.String(80), nullable=False),
        sa.Column("text", sa.String(400), nullable=False),
        sa.Column("facts", Json(), nullable=False),
        sa.Column("link", sa.String(200), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("read_at", Instant(), nullable=True),
        sa.Column("mailed_at", Instant(), nullable=True),
        sa.CheckConstraint("link = '' OR link LIKE '/%'", name=op.f("ck_notice_link")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index("ix_notice_person_id_id", "notice", ["person_id", "id"])
    op.create_index("ix_notice_created_at", "notice", ["created_at"])
    for name, columns, where in (
        ("ix_notice_unread", ["person_id"], "read_at IS NULL"),
        ("uq_notice_key", ["person_id", "kind", "key"], "key <> ''"),
    ):
        op.create_index(
            name,
            "notice",
            columns,
            unique=name.startswith("uq_"),
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


HOURS = ("self_study", "centralized", "self_required", "central_required", "missing")
OUTSIDE = "('offline', 'elsewhere')"
FACTS = (
    "unit_id", "source", "ledger", "title", "organiser", "from_on", "until_on", "hours", "state", "proof_name", "proof_kind",
    "proof_sha256", "proof_bytes", "entered_by", "entered_at", "submitted_by", "submitted_at", "decided_by", "decided_at",
    "comment",
)  # fmt: skip
NO_ROLE_ABOVE = (
    "NOT EXISTS (SELECT 1 FROM role_grant g JOIN unit u ON u.id = g.unit_id WHERE g.person_id = NEW.decided_by"
    " AND g.ended_at IS NULL AND substr(NEW.unit_path, 1, length(u.path)) = u.path"
    " AND (u.path <> NEW.unit_path OR u.parent_id IS NULL))"
)
"""Who decides holds a role over a unit above, or over the nation, which has none above it."""
CHECKS = {
    "source": f"source IN {OUTSIDE}",
    "ledger": "ledger IN ('self_study', 'centralized')",
    "kind": "source <> 'offline' OR ledger = 'centralized'",
    "state": "state IN ('draft', 'submitted', 'approved', 'returned', 'declined', 'retracted')",
    "span": "until_on >= from_on",
    "hours": "hours > 0",
    "submitted": "(submitted_by IS NULL) = (submitted_at IS NULL)",
    "decided": "(decided_by IS NULL) = (decided_at IS NULL)",
    "proved": (
        "state NOT IN ('submitted', 'approved', 'declined') OR (submitted_by IS NOT NULL AND proof_sha256 <> '')"
    ),
    "decision": "state NOT IN ('approved', 'returned', 'declined') OR decided_by IS NOT NULL",
    "comment": "state NOT IN ('returned', 'declined') OR comment <> ''",
    "two_people": "decided_by IS NULL OR (decided_by <> entered_by AND decided_by <> submitted_by)",
}


def _trainings() -> None:
    people = ("entered_by", "submitted_by", "decided_by")
    op.create_table(
        "outside_training",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("unit_path", SortKey(200), nullable=False),
        sa.Column("source", sa.String(10), nullable=False),
        sa.Column("ledger", sa.String(12), nullable=False),
        sa.Column("title", sa.String(120), nullable=False),
        sa.Column("organiser", sa.String(120), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("proof_name", sa.String(120), nullable=False),
        sa.Column("proof_kind", sa.String(4), nullable=False),
        sa.Column("proof_sha256", sa.String(64), nullable=False),
        sa.Column("proof_bytes", sa.Integer(), nullable=False),
        sa.Column("entered_by", sa.Uuid(), nullable=False),
        sa.Column("entered_at", Instant(), nullable=False),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("comment", sa.String(200), nullable=False),
        *(sa.CheckConstraint(text, name=op.f(f"ck_outside_training_{name}")) for name, text in CHECKS.items()),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_outside_training_unit_id")),
        *(sa.ForeignKeyConstraint([one], ["person.id"], name=op.f(f"fk_outside_training_{one}")) for one in people),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outside_training")),
    )
    op.create_index("ix_outside_training_unit_path_id", "outside_training", ["unit_path", "id"])
    op.create_index("ix_outside_training_state_submitted_at", "outside_training", ["state", "submitted_at", "id"])
    op.create_table(
        "outside_trainee",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.CheckConstraint("hours > 0", name=op.f("ck_outside_trainee_hours")),
        sa.ForeignKeyConstraint(["training_id"], ["outside_training.id"], name=op.f("fk_outside_trainee_training_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outside_trainee_person_id")),
        sa.PrimaryKeyConstraint("training_id", "person_id", name=op.f("pk_outside_trainee")),
    )
    op.create_index("ix_outside_trainee_person_id", "outside_trainee", ["person_id"])


def _guard_trainings() -> None:
    refuse(
        "outside_training",
        "outside_training_ended",
        on="UPDATE",
        when=f"OLD.state IN ('approved', 'declined', 'retracted') AND ({changed(*FACTS)})",
        message="a training that was decided or taken back never changes",
    )
    refuse("outside_training", "outside_training_kept", on="DELETE", message="a training is kept")
    refuse(
        "outside_training",
        "outside_training_steps",
        on="UPDATE",
        when=(
            "NEW.state <> OLD.state AND NOT (NEW.state IN ('submitted', 'retracted') AND OLD.state IN ('draft', 'returned')"
            " OR NEW.state IN ('approved', 'returned', 'declined', 'retracted') AND OLD.state = 'submitted')"
        ),
        message="a training goes from draft to handed in to decided",
    )
    refuse(
        "outside_training",
        "outside_training_level",
        on="UPDATE",
        when=(
            "NEW.state IN ('approved', 'returned', 'declined') AND OLD.state = 'submitted'"
            f" AND ({NO_ROLE_ABOVE} OR EXISTS (SELECT 1 FROM outside_trainee t"
            " WHERE t.training_id = NEW.id AND t.person_id = NEW.decided_by))"
        ),
        message="a training is decided one level up, by somebody whom it does not list",
    )
    closed = "EXISTS (SELECT 1 FROM outside_training t WHERE t.id = {row}.training_id AND t.state NOT IN ('draft', 'returned'))"
    for on, row in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD")):
        refuse(
            "outside_trainee",
            f"outside_trainee_{on.lower()}",
            on=on,
            when=closed.format(row=row),
            message="the people of a training that was handed in stay",
        )
    refuse(
        "credit_entry",
        "credit_entry_approved",
        on="INSERT",
        when=(
            f"NEW.source IN {OUTSIDE} AND NEW.reversal_of IS NULL AND NOT EXISTS (SELECT 1 FROM outside_training t"
            " JOIN outside_trainee p ON p.training_id = t.id AND p.person_id = NEW.person_id"
            " WHERE t.id = NEW.source_id AND t.state = 'approved' AND t.source = NEW.source AND t.ledger = NEW.ledger"
            " AND p.hours = NEW.hours)"
        ),
        message="training elsewhere counts once it is approved, with the hours that were approved",
    )


@contextmanager
def _entries_altered() -> Iterator[Any]:
    """SQLite writes the table anew; its triggers go with the old one and are set again."""
    no_longer_append_only("credit_entry")
    allow_again("credit_entry", "credit_entry_two_persons")
    with op.batch_alter_table("credit_entry") as batch:
        yield batch
    append_only("credit_entry")
    refuse("credit_entry", "credit_entry_two_persons", on="INSERT", when=UNCONFIRMED, message=TWO_PERSONS)


def _figures() -> None:
    op.create_table(
        "standing_due",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer, "sqlite"),
            sa.Identity(always=True),
            nullable=False,
        ),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("entry_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standing_due")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_standing_due_person_id", "standing_due", ["person_id"])
    op.create_table(
        "hours_standing",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("path", SortKey(200), nullable=False),
        sa.Column("category", sa.String(12), nullable=False),
        sa.Column("name_key", SortKey(300), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in HOURS),
        sa.CheckConstraint("missing >= 0", name=op.f("ck_hours_standing_missing")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hours_standing_person_id")),
        sa.PrimaryKeyConstraint("person_id", "year", name=op.f("pk_hours_standing")),
    )
    for name, where in (("behind", "missing > 0"), ("reached", "missing = 0")):
        op.create_index(
            f"ix_hours_standing_{name}",
            "hours_standing",
            ["year", "name_key", "person_id"],
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )
    op.create_index("ix_hours_standing_year_name_key", "hours_standing", ["year", "name_key", "person_id"])
    op.create_index("ix_hours_standing_year_category", "hours_standing", ["year", "category", "name_key", "person_id"])
    op.create_index("ix_hours_standing_year_missing", "hours_standing", ["year", "missing", "person_id"])
    op.create_table(
        "unit_standing",
        sa.Column("path", SortKey(200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("category", sa.String(12), nullable=False),
        *(
            sa.Column(name, sa.Integer(), nullable=False)
            for name in ("persons", "self_reached", "central_reached", "reached")
        ),
        sa.PrimaryKeyConstraint("path", "year", "category", name=op.f("pk_unit_standing")),
    )
    op.create_table(
        "unit_hours",
        sa.Column("path", SortKey(200), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("ledger", sa.String(12), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("hours", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path", "year", "ledger", name=op.f("pk_unit_hours")),
    )
    _reminders()


def _reminders() -> None:
    op.create_table(
        "hours_reminder",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.CheckConstraint("(stage IS NULL) = (sent_by IS NOT NULL)", name=op.f("ck_hours_reminder_sender")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_hours_reminder_person_id")),
        sa.ForeignKeyConstraint(["sent_by"], ["person.id"], name=op.f("fk_hours_reminder_sent_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hours_reminder")),
    )
    op.create_index("ix_hours_reminder_person_id_sent_at", "hours_reminder", ["person_id", "sent_at"])
    for name, columns, where in (
        ("week", ["person_id", "week"], "stage IS NULL"),
        ("stage", ["person_id", "year", "stage"], "stage IS NOT NULL"),
    ):
        op.create_index(
            f"uq_hours_reminder_{name}",
            "hours_reminder",
            columns,
            unique=True,
            sqlite_where=sa.text(where),
            postgresql_where=sa.text(where),
        )


DUE = "INSERT INTO standing_due (person_id, entry_id) VALUES ({person}, {entry})"
COUNTED_BY = ("unit_path", "category", "appointed_on", "name_key", "merged_into", "closed_at")
"""What of a person their standing depends on."""


def _note_what_is_due() -> None:
    afterwards("credit_entry", "credit_entry_due", on="INSERT", then=DUE.format(person="NEW.person_id", entry="NEW.id"))
    somebody = DUE.format(person="NEW.id", entry="NULL")
    afterwards("person", "person_due", on="INSERT", then=somebody)
    afterwards("person", "person_changed_due", on="UPDATE", then=somebody, when=changed(*COUNTED_BY))
    op.execute("INSERT INTO standing_due (person_id, entry_id) SELECT id, NULL FROM person")
    op.execute("INSERT INTO standing_due (person_id, entry_id) SELECT person_id, id FROM credit_entry")


def upgrade() -> None:
    _notices()
    _trainings()
    with _entries_altered() as batch:
        batch.alter_column("rule_id", existing_type=sa.Uuid(), nullable=True)
        batch.create_check_constraint(op.f("ck_credit_entry_rule"), f"(rule_id IS NULL) = (source IN {OUTSIDE})")
    _guard_trainings()
    _figures()
    _note_what_is_due()


def downgrade() -> None:
    """What was credited for training elsewhere goes with it: the older schema has no place for it."""
    for table, name in (
        ("person", "person_changed_due"),
        ("person", "person_due"),
        ("credit_entry", "credit_entry_due"),
    ):
        allow_again(table, name)
    for table in ("hours_reminder", "unit_hours", "unit_standing", "hours_standing", "standing_due"):
        op.drop_table(table)
    allow_again("credit_entry", "credit_entry_approved")
    no_longer_append_only("credit_entry")
    op.execute(f"DELETE FROM credit_entry WHERE source IN {OUTSIDE} AND reversal_of IS NOT NULL")
    op.execute(f"DELETE FROM credit_entry WHERE source IN {OUTSIDE}")
    append_only("credit_entry")
    with _entries_altered() as batch:
        batch.drop_constraint(op.f("ck_credit_entry_rule"), type_="check")
        batch.alter_column("rule_id", existing_type=sa.Uuid(), nullable=False)
    for name in ("insert", "update", "delete"):
        allow_again("outside_trainee", f"outside_trainee_{name}")
    for name in ("ended", "kept", "steps", "level"):
        allow_again("outside_training", f"outside_training_{name}")
    op.drop_table("outside_trainee")
    op.drop_table("outside_training")
    op.drop_table("notice")
