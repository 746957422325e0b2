"""People, accounts, sign-in sessions and the guard against guessing."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from lms.infra.db import Model
from lms.infra.types import Instant, Uuid


class PersonRow(Model):
    """A person under their real name; the mobile number is stored encrypted."""

    __tablename__ = "person"
    __table_args__ = (
        CheckConstraint("sex IN ('female', 'male')", name="sex"),
        Index("ix_person_unit_id", "unit_id"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    name: Mapped[str] = mapped_column(String(60))
    sex: Mapped[str] = mapped_column(String(6))
    unit_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("unit.id"))
    post: Mapped[str] = mapped_column(String(60))
    mobile_sealed: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(Instant)


class AccountRow(Model):
    """How a person signs in."""

    __tablename__ = "account"
    __table_args__ = (
        CheckConstraint("state IN ('active', 'disabled')", name="state"),
        CheckConstraint("username = lower(username)", name="username"),
    )

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    person_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("person.id"), unique=True)
    username: Mapped[str] = mapped_column(String(40), unique=True)
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_sealed: Mapped[str | None] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10), default="active")
    created_at: Mapped[datetime] = mapped_column(Instant)


class AuthSessionRow(Model):
    """One signed-in browser; ending the row ends the sign-in at once."""

    __tablename__ = "auth_session"
    __table_args__ = (Index("ix_auth_session_account_id", "account_id"),)

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    account_id: Mapped[UUID] = mapped_column(Uuid, ForeignKey("account.id"))
    opened_at: Mapped[datetime] = mapped_column(Instant)
    expires_at: Mapped[datetime] = mapped_column(Instant)
    ended_at: Mapped[datetime | None] = mapped_column(Instant)
    address: Mapped[str] = mapped_column(String(45))
    browser: Mapped[str] = mapped_column(String(200))


class SignInGuardRow(Model):
    """Wrong tries of a user name, whether or not it exists."""

    __tablename__ = "sign_in_guard"

    username: Mapped[str] = mapped_column(String(40), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer)
    since: Mapped[datetime] = mapped_column(Instant)
    locked_until: Mapped[datetime | None] = mapped_column(Instant)
