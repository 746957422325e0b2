"""Whoever had a hand in a training that a unit enters does not decide it."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, refuse

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TOLD = "('hours.training_edited', 'hours.training_people', 'hours.training_proof', 'hours.training_submitted')"


def upgrade() -> None:
    op.create_table(
        "outside_hand",
        sa.Column("training_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["training_id"], ["outside_training.id"], name=op.f("fk_outside_hand_training_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_outside_hand_person_id")),
        sa.PrimaryKeyConstraint("training_id", "person_id", name=op.f("pk_outside_hand")),
    )
    op.create_index("ix_outside_hand_person_id", "outside_hand", ["person_id"])
    _remember()
    for on in ("UPDATE", "DELETE"):
        refuse("outside_hand", f"outside_hand_{on.lower()}", on=on, message="who had a hand in a training is kept")
    refuse(
        "outside_training",
        "outside_training_hands",
        on="UPDATE",
        when=(
            "NEW.state IN ('approved', 'returned', 'declined') AND OLD.state = 'submitted' AND EXISTS"
            " (SELECT 1 FROM outside_hand h WHERE h.training_id = NEW.id AND h.person_id = NEW.decided_by)"
        ),
        message="a training is decided by somebody who had no hand in it",
    )


def _remember() -> None:
    """Who worked on the trainings so far: what their rows name, and what the record of acts tells."""
    for who in ("entered_by", "submitted_by"):
        op.execute(
            f"INSERT INTO outside_hand (training_id, person_id) SELECT t.id, t.{who} FROM outside_training t"
            f" WHERE t.{who} IS NOT NULL AND NOT EXISTS"
            f" (SELECT 1 FROM outside_hand h WHERE h.training_id = t.id AND h.person_id = t.{who})"
        )
    bind = op.get_bind()
    same = "lower(replace(e.object_id, '-', '')) = " + (
        "lower(t.id)" if bind.dialect.name == "sqlite" else "replace(t.id::text, '-', '')"
    )
    op.execute(
        "INSERT INTO outside_hand (training_id, person_id) SELECT DISTINCT t.id, e.actor_id FROM outside_training t"
        f" JOIN audit_entry e ON {same} WHERE e.action IN {TOLD} AND e.actor_id IS NOT NULL AND NOT EXISTS"
        " (SELECT 1 FROM outside_hand h WHERE h.training_id = t.id AND h.person_id = e.actor_id)"
    )


def downgrade() -> None:
    allow_again("outside_training", "outside_training_hands")
    for on in ("update", "delete"):
        allow_again("outside_hand", f"outside_hand_{on}")
    op.drop_table("outside_hand")
