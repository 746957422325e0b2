"""People, unions, memberships, one-time codes, consents: what everything official rests on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from lms.infra.ddl import allow_again, append_only, changed, is_postgresql, no_longer_append_only, refuse
from lms.infra.pinyin import initials_of, key_of
from lms.infra.types import Instant, Json, SortKey

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

UNIT_BEFORE = {
    "kind": "kind IN ('national', 'province', 'city', 'county', 'unit')",
    "root": "(kind = 'national') = (parent_id IS NULL)",
    "path": "path LIKE '/%/'",
}
UNIT_NOW = UNIT_BEFORE | {
    "kind": "kind IN ('national', 'province', 'industry', 'city', 'county', 'township', 'unit')",
    "uscc": "uscc IS NULL OR length(uscc) = 18",
    "merged": "(state = 'merged') = (merged_into IS NOT NULL)",
    "state": "state IN ('open', 'closed', 'merged')",
}
PERSON_BEFORE = {"sex": "sex IN ('female', 'male')"}
PERSON_NOW = PERSON_BEFORE | {
    "category": "category IN ('division', 'section', 'socialised', 'enterprise', 'other')",
    "employment": "employment IN ('full_time', 'part_time', 'seconded')",
    "identity_level": "identity_level IN ('declared', 'unit', 'id_number')",
    "id_number": "(id_number_sealed IS NULL) = (id_number_hash IS NULL)",
    "merged": "merged_into IS NULL OR merged_into <> id",
}
ACCOUNT_BEFORE = {"state": "state IN ('active', 'disabled')", "username": "username = lower(username)"}
ACCOUNT_NOW = ACCOUNT_BEFORE | {"state": "state IN ('active', 'disabled', 'closed', 'merged')"}

FILLED = {
    "account": ("password_at", "duty_password", "totp_step", "state_reason"),
    "auth_session": ("seen_at",),
    "person": ("name_key", "initials", "unit_path", "category", "employment", "mobile_hash", "identity_level"),
    "unit": ("name_key", "initials", "state"),
}


@contextmanager
def _altered(table: str, checks: dict[str, str], before: dict[str, str]) -> Iterator[Any]:
    """Alters a table and puts its checks into the new form; SQLite writes the table anew."""
    with op.batch_alter_table(table) as batch:
        for name, text in before.items():
            if checks.get(name) != text:
                batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
        yield batch
        for name, text in checks.items():
            if before.get(name) != text:
                batch.create_check_constraint(op.f(f"ck_{table}_{name}"), text)


def upgrade() -> None:
    moment = _now_literal()
    op.create_table(
        "unit_change",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("before", Json(), nullable=False),
        sa.Column("after", Json(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint(
            "action IN ('created', 'renamed', 'moved', 'merged', 'closed', 'reopened', 'recoded')",
            name=op.f("ck_unit_change_action"),
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_change_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_change")),
    )
    with op.batch_alter_table("unit_change", schema=None) as batch_op:
        batch_op.create_index("ix_unit_change_unit_id", ["unit_id", "at"], unique=False)

    op.create_table(
        "unit_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_unit_request_decided")),
        sa.CheckConstraint("(state = 'settled') = (unit_id IS NOT NULL)", name=op.f("ck_unit_request_settled")),
        sa.CheckConstraint("state IN ('open', 'settled', 'declined')", name=op.f("ck_unit_request_state")),
        sa.ForeignKeyConstraint(["parent_id"], ["unit.id"], name=op.f("fk_unit_request_parent_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_unit_request_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_request")),
    )
    with op.batch_alter_table("unit_request", schema=None) as batch_op:
        batch_op.create_index("ix_unit_request_person_id", ["person_id"], unique=False)
        batch_op.create_index("ix_unit_request_state_parent_id", ["state", "parent_id"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("version", sa.String(length=20), nullable=False),
        sa.Column("given_at", Instant(), nullable=False),
        sa.Column("withdrawn_at", Instant(), nullable=True),
        sa.CheckConstraint("kind IN ('privacy', 'id_number', 'photo')", name=op.f("ck_consent_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_consent_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("ix_consent_person_id_kind", ["person_id", "kind"], unique=False)

    op.create_table(
        "correction",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("old_sealed", sa.String(length=400), nullable=False),
        sa.Column("new_sealed", sa.String(length=400), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("comment", sa.String(length=200), nullable=False),
        sa.CheckConstraint("(state = 'open') = (decided_at IS NULL)", name=op.f("ck_correction_decided")),
        sa.CheckConstraint("state IN ('open', 'approved', 'declined', 'withdrawn')", name=op.f("ck_correction_state")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_correction_decided_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_correction_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correction")),
    )
    with op.batch_alter_table("correction", schema=None) as batch_op:
        batch_op.create_index("ix_correction_state_asked_at", ["state", "asked_at"], unique=False)
        batch_op.create_index(
            "uq_correction_open",
            ["person_id", "field"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )

    op.create_table(
        "disclosure",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("receiver", sa.String(length=120), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("fields", Json(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("unit_path", SortKey(length=200), nullable=False),
        sa.CheckConstraint("persons >= 0", name=op.f("ck_disclosure_persons")),
        sa.ForeignKeyConstraint(["actor_id"], ["person.id"], name=op.f("fk_disclosure_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure")),
    )
    with op.batch_alter_table("disclosure", schema=None) as batch_op:
        batch_op.create_index("ix_disclosure_at", ["at"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.CheckConstraint("until_on IS NULL OR until_on >= from_on", name=op.f("ck_membership_span")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_membership_recorded_by")),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_membership_unit_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_person_id_from_on", ["person_id", "from_on"], unique=False)
        batch_op.create_index("ix_membership_unit_id", ["unit_id"], unique=False)
        batch_op.create_index(
            "uq_membership_open_primary",
            ["person_id"],
            unique=True,
            sqlite_where=sa.text("is_primary AND until_on IS NULL"),
            postgresql_where=sa.text("is_primary AND until_on IS NULL"),
        )

    op.create_table(
        "password_history",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("set_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_password_history_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_password_history")),
    )
    with op.batch_alter_table("password_history", schema=None) as batch_op:
        batch_op.create_index("ix_password_history_account_id", ["account_id", "set_at"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code", schema=None) as batch_op:
        batch_op.create_index("ix_recovery_code_account_id", ["account_id"], unique=False)

    op.create_table(
        "sign_in_code",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("way", sa.String(length=4), nullable=False),
        sa.Column("issued_by", sa.Uuid(), nullable=True),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.CheckConstraint("(way = 'slip') = (issued_by IS NOT NULL)", name=op.f("ck_sign_in_code_issued_by")),
        sa.CheckConstraint("way IN ('slip', 'mail', 'sms')", name=op.f("ck_sign_in_code_way")),
        sa.CheckConstraint("expires_at > issued_at", name=op.f("ck_sign_in_code_span")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_code_account_id")),
        sa.ForeignKeyConstraint(["issued_by"], ["person.id"], name=op.f("fk_sign_in_code_issued_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_code")),
    )
    with op.batch_alter_table("sign_in_code", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_code_account_id", ["account_id"], unique=False)

    with _altered("account", ACCOUNT_NOW, ACCOUNT_BEFORE) as batch_op:
        batch_op.add_column(sa.Column("password_at", Instant(), nullable=False, server_default=moment))
        batch_op.add_column(sa.Column("duty_password", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("totp_step", sa.BigInteger(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("state_reason", sa.String(length=200), nullable=False, server_default=""))

    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.add_column(sa.Column("seen_at", Instant(), nullable=False, server_default=moment))

    with _altered("person", PERSON_NOW, PERSON_BEFORE) as batch_op:
        batch_op.add_column(sa.Column("name_key", SortKey(length=300), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("initials", SortKey(length=60), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("unit_path", SortKey(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("category", sa.String(length=12), nullable=False, server_default="other"))
        batch_op.add_column(sa.Column("employment", sa.String(length=10), nullable=False, server_default="full_time"))
        batch_op.add_column(sa.Column("appointed_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("mobile_hash", sa.String(length=64), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("mail_sealed", sa.String(length=400), nullable=True))
        batch_op.add_column(sa.Column("id_number_sealed", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("id_number_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("id_number_hash_next", sa.String(length=64), nullable=True))
        batch_op.add_column(
            sa.Column("identity_level", sa.String(length=10), nullable=False, server_default="declared")
        )
        batch_op.add_column(sa.Column("identity_at", Instant(), nullable=True))
        batch_op.add_column(sa.Column("identity_by", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("closed_at", Instant(), nullable=True))
        batch_op.create_index("ix_person_initials_name_key_id", ["initials", "name_key", "id"], unique=False)
        batch_op.create_index("ix_person_merged_into", ["merged_into"], unique=False)
        batch_op.create_index("ix_person_mobile_hash", ["mobile_hash"], unique=False)
        batch_op.create_index("ix_person_name_key_id", ["name_key", "id"], unique=False)
        batch_op.create_index("ix_person_unit_path_name_key_id", ["unit_path", "name_key", "id"], unique=False)
        batch_op.create_index("uq_person_id_number_hash", ["id_number_hash"], unique=True)
        batch_op.create_index("uq_person_id_number_hash_next", ["id_number_hash_next"], unique=True)
        batch_op.create_foreign_key(batch_op.f("fk_person_identity_by"), "person", ["identity_by"], ["id"])
        batch_op.create_foreign_key(batch_op.f("fk_person_merged_into"), "person", ["merged_into"], ["id"])

    with _altered("unit", UNIT_NOW, UNIT_BEFORE) as batch_op:
        batch_op.add_column(sa.Column("name_key", SortKey(length=400), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("initials", SortKey(length=120), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("uscc", sa.String(length=18), nullable=True))
        batch_op.add_column(sa.Column("state", sa.String(length=10), nullable=False, server_default="open"))
        batch_op.add_column(sa.Column("merged_into", sa.Uuid(), nullable=True))
        batch_op.drop_index(batch_op.f("ix_unit_parent_id_name"))
        batch_op.create_index("ix_unit_initials", ["initials"], unique=False)
        batch_op.create_index("ix_unit_name_key", ["name_key"], unique=False)
        batch_op.create_index("ix_unit_parent_id_name_key", ["parent_id", "name_key"], unique=False)
        batch_op.create_index(
            "uq_unit_uscc_open",
            ["uscc"],
            unique=True,
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        )
        batch_op.create_foreign_key(batch_op.f("fk_unit_merged_into"), "unit", ["merged_into"], ["id"])
    _fill()
    for table, names in FILLED.items():  # new rows bring every value themselves
        with op.batch_alter_table(table) as batch_op:
            for name in names:
                batch_op.alter_column(name, server_default=None)
    append_only("unit_change")
    append_only("disclosure")
    refuse("membership", "membership_no_delete", on="DELETE", message="membership: never deleted")
    refuse(
        "membership",
        "membership_ends_once",
        on="UPDATE",
        when=f"OLD.until_on IS NOT NULL OR {changed('id', 'person_id', 'unit_id', 'is_primary', 'from_on', 'recorded_at')}",
        message="membership: only the end can be set, once",
    )
    overlap = (
        "NEW.is_primary AND EXISTS (SELECT 1 FROM membership m WHERE m.person_id = NEW.person_id AND m.is_primary "
        "AND m.id <> NEW.id AND (m.until_on IS NULL OR m.until_on > NEW.from_on) "
        "AND (NEW.until_on IS NULL OR NEW.until_on > m.from_on))"
    )
    refuse("membership", "membership_one_primary", on="INSERT", when=overlap, message="membership: one primary a day")


def _now_literal() -> sa.TextClause:
    """This moment as the default of columns that older rows lack."""
    return sa.text("now()") if is_postgresql() else sa.text("(CAST(strftime('%s', 'now') AS INTEGER) * 1000)")


def _fill() -> None:
    """Gives older rows what the new columns are derived from: sort keys, today's path, a membership from the first day."""
    unit = sa.table("unit", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("name_key"), sa.column("initials"))
    person = sa.table(
        "person", sa.column("id", sa.Uuid()), sa.column("name"), sa.column("name_key"), sa.column("initials")
    )
    connection = op.get_bind()
    for table, is_person in ((unit, False), (person, True)):
        for row in connection.execute(sa.select(table.c.id, table.c.name)).all():
            keys = {
                "name_key": key_of(row.name, person=is_person),
                "initials": initials_of(row.name, person=is_person),
            }
            connection.execute(sa.update(table).where(table.c.id == row.id).values(keys))
    op.execute("UPDATE person SET unit_path = (SELECT path FROM unit WHERE unit.id = person.unit_id)")
    day = (
        "(created_at AT TIME ZONE 'Asia/Shanghai')::date"
        if is_postgresql()
        else ("date(created_at / 1000, 'unixepoch', '+8 hours')")
    )
    op.execute(
        "INSERT INTO membership (id, person_id, unit_id, is_primary, from_on, recorded_at, reason) "
        f"SELECT id, id, unit_id, {'true' if is_postgresql() else '1'}, {day}, created_at, '' FROM person"
    )


def downgrade() -> None:
    for name in ("membership_one_primary", "membership_ends_once", "membership_no_delete"):
        allow_again("membership", name)
    no_longer_append_only("disclosure")
    no_longer_append_only("unit_change")
    with _altered("unit", UNIT_BEFORE, UNIT_NOW) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_unit_merged_into"), type_="foreignkey")
        batch_op.drop_index(
            "uq_unit_uscc_open", sqlite_where=sa.text("state = 'open'"), postgresql_where=sa.text("state = 'open'")
        )
        batch_op.drop_index("ix_unit_parent_id_name_key")
        batch_op.drop_index("ix_unit_name_key")
        batch_op.drop_index("ix_unit_initials")
        batch_op.create_index(batch_op.f("ix_unit_parent_id_name"), ["parent_id", "name"], unique=False)
        batch_op.drop_column("merged_into")
        batch_op.drop_column("state")
        batch_op.drop_column("uscc")
        batch_op.drop_column("initials")
        batch_op.drop_column("name_key")

    with _altered("person", PERSON_BEFORE, PERSON_NOW) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_person_merged_into"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("fk_person_identity_by"), type_="foreignkey")
        batch_op.drop_index("uq_person_id_number_hash_next")
        batch_op.drop_index("uq_person_id_number_hash")
        batch_op.drop_index("ix_person_unit_path_name_key_id")
        batch_op.drop_index("ix_person_name_key_id")
        batch_op.drop_index("ix_person_mobile_hash")
        batch_op.drop_index("ix_person_merged_into")
        batch_op.drop_index("ix_person_initials_name_key_id")
        batch_op.drop_column("closed_at")
        batch_op.drop_column("merged_into")
        batch_op.drop_column("identity_by")
        batch_op.drop_column("identity_at")
        batch_op.drop_column("identity_level")
        batch_op.drop_column("id_number_hash_next")
        batch_op.drop_column("id_number_hash")
        batch_op.drop_column("id_number_sealed")
        batch_op.drop_column("mail_sealed")
        batch_op.drop_column("mobile_hash")
        batch_op.drop_column("appointed_on")
        batch_op.drop_column("employment")
        batch_op.drop_column("category")
        batch_op.drop_column("unit_path")
        batch_op.drop_column("initials")
        batch_op.drop_column("name_key")

    with op.batch_alter_table("auth_session", schema=None) as batch_op:
        batch_op.drop_column("seen_at")

    with _altered("account", ACCOUNT_BEFORE, ACCOUNT_NOW) as batch_op:
        batch_op.drop_column("state_reason")
        batch_op.drop_column("totp_step")
        batch_op.drop_column("duty_password")
        batch_op.drop_column("password_at")

    op.drop_table("sign_in_code")
    op.drop_table("recovery_code")
    op.drop_table("password_history")
    op.drop_table("membership")
    op.drop_table("disclosure")
    op.drop_table("correction")
    op.drop_table("consent")
    op.drop_table("unit_request")
    op.drop_table("unit_change")
