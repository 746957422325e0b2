"""Roles are given by who may give them, ended with a reason, and never by or to the wrong one."""

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, changed, is_postgresql, refuse
from lms.infra.types import Instant

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

EVERYWHERE = ("national", "province", "industry", "city", "county", "township", "unit")
DELEGATION = {
    "unit_admin": (
        "unit_admin",
        "uploader",
        "province_reviewer",
        "national_reviewer",
        "class_manager",
        "class_tutor",
        "teacher_pool_editor",
    ),
    "security_admin": ("system_admin", "security_admin", "audit_admin", "unit_admin"),
}
PLACES = {
    "uploader": EVERYWHERE,
    "province_reviewer": ("province", "industry"),
    "national_reviewer": ("national",),
    "class_manager": EVERYWHERE,
    "class_tutor": EVERYWHERE,
    "unit_admin": EVERYWHERE,
    "teacher_pool_editor": EVERYWHERE,
    "system_admin": ("national",),
    "security_admin": ("national",),
    "audit_admin": ("national",),
}

SEPARATED = "('system_admin', 'security_admin', 'audit_admin')"
LASTING = "('unit_admin', 'security_admin')"
LOCK_ROOT = "PERFORM 1 FROM unit WHERE parent_id IS NULL FOR NO KEY UPDATE;"

WRONG_PLACE = "NOT EXISTS (SELECT 1 FROM role_place p JOIN unit u ON u.kind = p.unit_kind WHERE u.id = NEW.unit_id AND p.role = NEW.role)"
NO_GIVER = """NEW.granted_by IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM role_grant g
    JOIN role_delegation d ON d.giver = g.role AND d.given = NEW.role
    JOIN unit over_unit ON over_unit.id = g.unit_id
    JOIN unit target ON target.id = NEW.unit_id
    WHERE g.person_id = NEW.granted_by AND g.ended_at IS NULL AND g.from_at <= NEW.granted_at
      AND (g.until_at IS NULL OR g.until_at > NEW.granted_at)
      AND substr(target.path, 1, length(over_unit.path)) = over_unit.path)"""
CLASH = f"""EXISTS (
    SELECT 1 FROM role_grant g WHERE g.person_id = NEW.person_id AND g.role <> NEW.role AND g.ended_at IS NULL
      AND (g.role IN {SEPARATED} OR NEW.role IN {SEPARATED})
      AND (g.until_at IS NULL OR g.until_at > NEW.from_at) AND (NEW.until_at IS NULL OR NEW.until_at > g.from_at))"""


def _another(role: str, unit_id: str, person_id: str) -> str:
    """SQL: somebody else holds the role over the unit without an end, and their account is active."""
    return (
        "EXISTS (SELECT 1 FROM role_grant o JOIN account b ON b.person_id = o.person_id AND b.state = 'active' "
        f"WHERE o.role = {role} AND o.unit_id = {unit_id} AND o.person_id <> {person_id} "
        "AND o.ended_at IS NULL AND o.until_at IS NULL)"
    )


LAST_GRANT = f"""OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL AND OLD.until_at IS NULL AND OLD.role IN {LASTING}
    AND EXISTS (SELECT 1 FROM unit u WHERE u.id = OLD.unit_id AND u.parent_id IS NULL)
    AND EXISTS (SELECT 1 FROM account a WHERE a.person_id = OLD.person_id AND a.state = 'active')
    AND NOT {_another("OLD.role", "OLD.unit_id", "OLD.person_id")}"""
LAST_ACCOUNT = f"""OLD.state = 'active' AND NEW.state <> 'active' AND EXISTS (
    SELECT 1 FROM role_grant g JOIN unit u ON u.id = g.unit_id AND u.parent_id IS NULL
    WHERE g.person_id = NEW.person_id AND g.role IN {LASTING} AND g.ended_at IS NULL AND g.until_at IS NULL
      AND NOT {_another("g.role", "g.unit_id", "g.person_id")})"""

TRIGGERS = (
    ("role_grant", "role_grant_place", "INSERT", WRONG_PLACE, "role_grant: not over such a unit", ""),
    ("role_grant", "role_grant_giver", "INSERT", NO_GIVER, "role_grant: the giver may not give this", ""),
    (
        "role_grant",
        "role_grant_separated",
        "INSERT",
        CLASH,
        "role_grant: separated roles stand alone",
        "PERFORM 1 FROM person WHERE id = NEW.person_id FOR NO KEY UPDATE;",
    ),
    ("role_grant", "role_grant_no_delete", "DELETE", "1 = 1", "role_grant: never deleted", ""),
    (
        "role_grant",
        "role_grant_last",
        "UPDATE OF ended_at",
        LAST_GRANT,
        "role_grant: the last national administrator stays",
        f"IF OLD.until_at IS NULL AND OLD.role IN {LASTING} THEN {LOCK_ROOT} END IF;",
    ),
    (
        "account",
        "account_last_administrator",
        "UPDATE OF state",
        LAST_ACCOUNT,
        "account: the last national administrator stays",
        f"IF EXISTS (SELECT 1 FROM role_grant g WHERE g.person_id = NEW.person_id AND g.role IN {LASTING}) THEN {LOCK_ROOT} END IF;",
    ),
)
ONLY_ENDS = ("id", "person_id", "role", "unit_id", "from_at", "until_at", "granted_at", "granted_by", "reason")


def upgrade() -> None:
    delegation = op.create_table(
        "role_delegation",
        sa.Column("giver", sa.String(length=30), nullable=False),
        sa.Column("given", sa.String(length=30), nullable=False),
        sa.PrimaryKeyConstraint("giver", "given", name=op.f("pk_role_delegation")),
    )
    place = op.create_table(
        "role_place",
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("unit_kind", sa.String(length=10), nullable=False),
        sa.PrimaryKeyConstraint("role", "unit_kind", name=op.f("pk_role_place")),
    )
    op.bulk_insert(delegation, [{"giver": giver, "given": one} for giver, given in DELEGATION.items() for one in given])
    op.bulk_insert(place, [{"role": role, "unit_kind": kind} for role, kinds in PLACES.items() for kind in kinds])
    with op.batch_alter_table("role_grant") as batch:
        batch.add_column(sa.Column("granted_at", Instant(), nullable=True))
        batch.add_column(sa.Column("ended_by", sa.Uuid(), nullable=True))
        batch.add_column(sa.Column("end_reason", sa.String(length=200), nullable=False, server_default=""))
    op.execute("UPDATE role_grant SET granted_at = from_at")
    with op.batch_alter_table("role_grant") as batch:
        batch.alter_column("granted_at", existing_type=Instant(), nullable=False)
        batch.alter_column("end_reason", existing_type=sa.String(length=200), server_default=None)
        batch.create_check_constraint(
            op.f("ck_role_grant_not_oneself"), "granted_by IS NULL OR granted_by <> person_id"
        )
        batch.create_foreign_key(op.f("fk_role_grant_ended_by"), "person", ["ended_by"], ["id"])
        batch.create_index("ix_role_grant_person_id", ["person_id"], unique=False)
        batch.create_index("ix_role_grant_unit_id", ["unit_id"], unique=False)
        batch.create_index("ix_role_grant_until_at", ["until_at"], unique=False)
    if is_postgresql():
        op.execute('ALTER TABLE revision ALTER COLUMN unit_path TYPE VARCHAR(200) COLLATE "C"')
    for table, name, on, when, message, first in TRIGGERS:
        refuse(table, name, on=on, when=when, message=message, first=first)
    refuse(
        "role_grant",
        "role_grant_ends_once",
        on="UPDATE",
        when=f"OLD.ended_at IS NOT NULL OR {changed(*ONLY_ENDS)}",
        message="role_grant: it can only be ended, once",
    )


def downgrade() -> None:
    allow_again("role_grant", "role_grant_ends_once")
    for table, name, *_rest in reversed(TRIGGERS):
        allow_again(table, name)
    if is_postgresql():
        op.execute('ALTER TABLE revision ALTER COLUMN unit_path TYPE VARCHAR(200) COLLATE "default"')
    with op.batch_alter_table("role_grant") as batch:
        batch.drop_index("ix_role_grant_until_at")
        batch.drop_index("ix_role_grant_unit_id")
        batch.drop_index("ix_role_grant_person_id")
        batch.drop_constraint(op.f("fk_role_grant_ended_by"), type_="foreignkey")
        batch.drop_constraint(op.f("ck_role_grant_not_oneself"), type_="check")
        batch.drop_column("end_reason")
        batch.drop_column("ended_by")
        batch.drop_column("granted_at")
    op.drop_table("role_place")
    op.drop_table("role_delegation")
