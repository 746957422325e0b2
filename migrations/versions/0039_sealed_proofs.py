"""Proofs of trainings are encrypted in the store, each under a data key that is sealed in its row.

Those of before stay as they were uploaded until `lms keys rotate`, which encrypts them. There is no way back
once one is encrypted: its key would be lost.
"""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "outside_training", sa.Column("proof_file", sa.String(64), nullable=False, server_default=sa.text("''"))
    )
    op.add_column(
        "outside_training", sa.Column("proof_key_sealed", sa.String(200), nullable=False, server_default=sa.text("''"))
    )
    op.execute("UPDATE outside_training SET proof_file = proof_sha256")


def downgrade() -> None:
    sealed = op.get_bind().scalar(sa.text("SELECT count(*) FROM outside_training WHERE proof_key_sealed <> ''"))
    if sealed:
        raise RuntimeError(f"{sealed} proofs are encrypted with keys that this would delete")
    op.drop_column("outside_training", "proof_key_sealed")
    op.drop_column("outside_training", "proof_file")
