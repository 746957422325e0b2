"""People and where they belong, accounts and how they are entered, consents, corrections and disclosures."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from lms.audit.service import register_source
from lms.infra.db import Model
from lms.infra.sealing import register_sealed
from lms.infra.types import Instant, Json, SortKey, Uuid

CATEGORIES = ("division", "section", "socialised", "enterprise", "other")
"""县处级以上, 乡科级以下, 社会化工会工作者, 企事业单位工会干部, 其他 (H2)."""
EMPLOYMENTS = ("full_time", "part_time", "seconded")
"""专职, 兼职, 挂职 (W1)."""
IDENTITY_LEVELS = ("declared", "unit", "id_number")
"""自行申报, 单位确认, 身份证号核验."""


class PersonRow(Model):
    """A person under their real name. Mobile, mail and ID number are stored encrypted, found by keyed hashes.

    `unit_id` and `unit_path` are today's primary membership and its place in today's tree, kept for lists; the dated
    history is in `membership`. `merged_into` names the person whom this one turned out to be.
    """

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        CheckConstraint("category IN ('division', 'section', 'socialised', 'enterprise', 'other')", name="category"),
        CheckConstraint("employment IN ('full_time', 'part_time', 'seconded')", name="employment"),
        CheckConstraint("identity_level IN ('declared', 'unit', 'id_number')", name="identity_level"),
        CheckConstraint("(id_number_sealed IS NULL) = (id_number_hash IS NULL)", name="id_number"),
        CheckConstraint("merged_into IS NULL OR merged_into <> id", name="merged"),
        Index("ix_person_unit_id", "unit_id"),
        Index("ix_person_unit_path_name_key_id", "unit_path", "name_key", "id"),
        Index("ix_person_name_key_id", "name_key", "id"),
        Index("ix_person_initials_name_key_id", "initials", "name_key", "id"),
        Index("ix_person_category_name_key_id", "category", "name_key", "id"),
        Index("ix_person_employment_name_key_id", "employment", "name_key", "id"),
        Index("ix_person_identity_level_name_key_id", "identity_level", "name_key", "id"),
        Index("ix_person_name", "name", postgresql_ops={"name": "text_pattern_ops"}),
        # On PostgreSQL only: of SQLite no tool can read back what an index of an expression holds.
        Index("ix_person_family_name_key_id", text("substr(name, 1, 1)"), "name_key", "id"),
        Index(
            "ix_person_merged_into_name_key_id",
            "name_key",
            "id",
            sqlite_where=text("merged_into IS NOT NULL"),
            postgresql_where=text("merged_into IS NOT NULL"),
        ),
        Index(
            "ix_person_closed_at_name_key_id",
            "name_key",
            "id",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index("ix_person_mobile_hash", "mobile_hash"),
        Index("ix_person_merged_into", "merged_into"),
        Index(
            "ix_person_id_number_waiting",
            "unit_path",
            "name_key",
            "id",
            sqlite_where=text("id_number_hash IS NOT NULL AND identity_level <> 'id_number'"),
            postgresql_where=text("id_number_hash IS NOT NULL AND identity_level <> 'id_number'"),
        ),
        Index(
            "ix_person_closed_at",
            "closed_at",
            sqlite_where=text("closed_at IS NOT NULL"),
            postgresql_where=text("closed_at IS NOT NULL"),
        ),
        Index("uq_person_id_number_hash", "id_number_hash", unique=True),
        Index("uq_person_id_number_hash_next", "id_number_hash_next", unique=True),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    named_at: Mapped[datetime | None] = mapped_column(Instant)  # the last change of the name
    name_key: Mapped[str] = mapped_column(SortKey(300), default="")  # pinyin, lower case: lists sort by it
    initials: Mapped[str] = mapped_column(SortKey(60), default="")
    sex: Mapped[str] = mapped_column(String(6))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    unit_path: Mapped[str] = mapped_column(SortKey(200))
    post: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(12), default="other")
    employment: Mapped[str] = mapped_column(String(10), default="full_time")
    appointed_on: Mapped[date | None] = mapped_column(Date)  # None only for people from before it was asked
    mobile_sealed: Mapped[str] = mapped_column(String(200))
    mobile_hash: Mapped[str] = mapped_column(String(64), default="")
    mail_sealed: Mapped[str | None] = mapped_column(String(400))
    id_number_sealed: Mapped[str | None] = mapped_column(String(200))
    id_number_hash: Mapped[str | None] = mapped_column(String(64))
    id_number_hash_next: Mapped[str | None] = mapped_column(String(64))  # under the key being rotated in
    identity_level: Mapped[str] = mapped_column(String(10), default="declared")
    identity_at: Mapped[datetime | None] = mapped_column(Instant)
    identity_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    merged_into: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    closed_at: Mapped[datetime | None] = mapped_column(Instant)  # the person asked to leave: storage only from then on
    created_at: Mapped[datetime] = mapped_column(Instant)


class MembershipRow(Model):
    """Where a person belongs from a day on; `until_on` is the first day on which it holds no more.

    Triggers refuse two primary ones on one day and any change but setting the end once.
    """

    __tablename__ = "membership"
    __table_args__ = (
        CheckConstraint("until_on IS NULL OR until_on >= from_on", name="span"),
        Index(
            "uq_membership_open_primary",
            "person_id",
            unique=True,
            sqlite_where=text("is_primary AND until_on IS NULL"),
            postgresql_where=text("is_primary AND until_on IS NULL"),
        ),
        Index("ix_membership_person_id_from_on", "person_id", "from_on"),
        Index("ix_membership_unit_id", "unit_id"),
        Index("ix_membership_from_on", "from_on"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    is_primary: Mapped[bool] = mapped_column(Boolean)
    from_on: Mapped[date] = mapped_column(Date)
    until_on: Mapped[date | None] = mapped_column(Date)
    recorded_at: Mapped[datetime] = mapped_column(Instant)
    recorded_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200), default="")


class AccountRow(Model):
    """How a person signs in; `duty_password` asks for a new password before anything else."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'disabled', 'closed', 'merged')", name="state"),
        CheckConstraint("username = lower(username)", name="username"),
        Index(
            "ix_account_state_person_id",
            "state",
            "person_id",
            sqlite_where=text("state <> 'active'"),
            postgresql_where=text("state <> 'active'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), unique=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))  # "" when no password was ever set: nothing matches it
    password_at: Mapped[datetime] = mapped_column(Instant)
    duty_password: Mapped[bool] = mapped_column(Boolean, default=False)
    totp_sealed: Mapped[str | None] = mapped_column(String(200))
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0)  # the last 30-second step whose code was taken
    state: Mapped[str] = mapped_column(String(10), default="active")
    state_reason: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime] = mapped_column(Instant)


class PasswordHistoryRow(Model):
    """A password an account had, so that it does not come back at once."""

    __tablename__ = "password_history"
    __table_args__ = (Index("ix_password_history_account_id", "account_id", "set_at"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("account.id"))
    password_hash: Mapped[str] = mapped_column(String(200))
    set_at: Mapped[datetime] = mapped_column(Instant)


class RecoveryCodeRow(Model):
    """A code that stands for the second factor once."""

    __tablename__ = "recovery_code"
    __table_args__ = (Index("ix_recovery_code_account_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime] = mapped_column(Instant)
    used_at: Mapped[datetime | None] = mapped_column(Instant)


class SignInCodeRow(Model):
    """A one-time code that lets a person set a password: on a slip from their tutor, by mail or by text message, from two
    administrators together (`issued_by` is who confirmed it), or from the machine's operator."""

    __tablename__ = "sign_in_code"
    __table_args__ = (
        CheckConstraint("way IN ('slip', 'mail', 'sms', 'joint', 'operator')", name="way"),
        CheckConstraint("(way IN ('slip', 'joint')) = (issued_by IS NOT NULL)", name="issued_by"),
        CheckConstraint("expires_at > issued_at", name="span"),
        Index("ix_sign_in_code_account_id", "account_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("account.id"))
    code_hash: Mapped[str] = mapped_column(String(64))
    way: Mapped[str] = mapped_column(String(8))
    issued_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    issued_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)  # used, or replaced by a newer one


class AuthSessionRow(Model):
    """One signed-in browser; ending the row ends the sign-in at once."""

    __tablename__ = "auth_session"
    __table_args__ = (
        Index("ix_auth_session_account_id", "account_id"),
        Index(
            "ix_auth_session_purge",
            "expires_at",
            sqlite_where=text("address <> ''"),
            postgresql_where=text("address <> ''"),
        ),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    seen_at: Mapped[datetime] = mapped_column(Instant)  # the last act that was noted
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))


class SignInGuardRow(Model):
    """Wrong tries of a user name, whether or not it exists; `username` holds its keyed hash."""

    __tablename__ = "sign_in_guard"

    username: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(Instant)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)


class ConsentRow(Model):
    """What a person agreed to, in which version, until they took it back."""

    __tablename__ = "consent"
    __table_args__ = (
        CheckConstraint("kind IN ('privacy', 'id_number', 'photo')", name="kind"),
        Index("ix_consent_person_id_kind", "person_id", "kind"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(10))
    version: Mapped[str] = mapped_column(String(20))
    given_at: Mapped[datetime] = mapped_column(Instant)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Instant)


class CorrectionRow(Model):
    """A change of an identity field that a person asks for and staff decide; values are stored encrypted."""

    __tablename__ = "correction"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'approved', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index(
            "uq_correction_open",
            "person_id",
            "field",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_correction_state_asked_at", "state", "asked_at"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    field: Mapped[str] = mapped_column(String(20))
    old_sealed: Mapped[str] = mapped_column(String(400))
    new_sealed: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="open")
    asked_at: Mapped[datetime] = mapped_column(Instant)
    decided_at: Mapped[datetime | None] = mapped_column(Instant)
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    comment: Mapped[str] = mapped_column(String(200), default="")
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # where the person worked when staff decided


class JoinProposalRow(Model):
    """That two accounts are one person's: said by one member of staff, confirmed by another. Triggers let it be decided once,
    and no person become another's alias without a confirmed one."""

    __tablename__ = "join_proposal"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'confirmed', 'declined', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided_at"),
        CheckConstraint("(state = 'open') = (decided_by IS NULL)", name="decided_by"),
        CheckConstraint("kept_id <> gone_id", name="two_accounts"),
        CheckConstraint(
            "proposed_by <> kept_id AND proposed_by <> gone_id "
            "AND (decided_by IS NULL OR (decided_by <> kept_id AND decided_by <> gone_id))",
            name="for_another",
        ),
        CheckConstraint("decided_by IS NULL OR (state = 'withdrawn') = (decided_by = proposed_by)", name="two_persons"),
        Index(
            "uq_join_proposal_open",
            "gone_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_join_proposal_state", "state", "id"),
        Index("ix_join_proposal_kept_id", "kept_id", "gone_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    gone_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(200))
    proposed_by: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    proposed_at: Mapped[datetime] = mapped_column(Instant)
    kept_unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # where both worked then; None: from before 0043
    gone_unit_id: Mapped[UUID | None] = mapped_column(Uuid)
    state: Mapped[str] = mapped_column(String(9))
    decided_by: Mapped[UUID | None] = mapped_column(Uuid, ForeignKey("person.id"))
    decided_at: Mapped[datetime | None] = mapped_column(Instant)


class DisclosureRow(Model):
    """Personal data that left the platform: to whom, what for, which fields, of how many people. Never changed."""

    __tablename__ = "disclosure"
    __table_args__ = (CheckConstraint("persons >= 0", name="persons"), Index("ix_disclosure_at", "at"))

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    receiver: Mapped[str] = mapped_column(String(120))
    purpose: Mapped[str] = mapped_column(String(200))
    fields: Mapped[Any] = mapped_column(Json)  # names of the field register
    persons: Mapped[int] = mapped_column(Integer)
    unit_path: Mapped[str] = mapped_column(SortKey(200))  # of that day
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # None: from before 0043


class RevealRow(Model):
    """Somebody saw a personal field in full: whose, which, and what for. Never changed."""

    __tablename__ = "reveal"
    __table_args__ = (
        Index("ix_reveal_actor_id_at", "actor_id", "at"),
        Index("ix_reveal_at", "at"),
        Index("ix_reveal_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)
    actor_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"))
    field: Mapped[str] = mapped_column(String(20))
    purpose: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
    unit_path: Mapped[str] = mapped_column(SortKey(200))  # of the person, on that day
    unit_id: Mapped[UUID | None] = mapped_column(Uuid)  # None: from before 0044


class IdNumberClashRow(Model):
    """Somebody gave the ID number that another person has: very likely one human with two accounts."""

    __tablename__ = "id_number_clash"
    __table_args__ = (
        CheckConstraint("person_id <> other_id", name="two"),
        Index("ix_id_number_clash_at", "at"),
        Index("ix_id_number_clash_other_id", "other_id"),
    )

    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    other_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), primary_key=True)
    at: Mapped[datetime] = mapped_column(Instant)


register_sealed(PersonRow.mobile_sealed, PersonRow.mail_sealed, PersonRow.id_number_sealed)
register_sealed(AccountRow.totp_sealed, CorrectionRow.old_sealed, CorrectionRow.new_sealed)

# Today's path is proved by the tree itself, keys of sorting follow from names, and each sign-in takes a step of the clock.
register_source(PersonRow, part="people", but=["unit_path", "name_key", "initials"], followed=True)
register_source(AccountRow, part="people", but=["totp_step"], followed=True)
register_source(MembershipRow, part="people", followed=True)
register_source(JoinProposalRow, part="people", later=["kept_unit_id", "gone_unit_id"], followed=True)
register_source(ConsentRow, part="privacy", followed=True)
register_source(DisclosureRow, part="privacy", later=["unit_id"], followed=True)
register_source(RevealRow, part="privacy", later=["unit_id"], followed=True)
