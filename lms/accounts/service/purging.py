"""Removes what has outlived the retention that the field register names, a bounded batch to a commit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, tuple_, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from lms.accounts.domain import fieldregister
from lms.accounts.models import (
    AccountRow,
    AuthSessionRow,
    CorrectionRow,
    IdNumberClashRow,
    PasswordHistoryRow,
    PersonRow,
    RecoveryCodeRow,
    SignInCodeRow,
    SignInGuardRow,
)
from lms.audit import service as audit
from lms.infra.db import unit_of_work
from lms.notices import service as notices

BATCH = 1000
Step = Callable[[Session], int]


def purge(*, now: datetime, batch: int = BATCH) -> dict[str, int]:
    """Removes everything that is due; harmless when two workers do it at once. Returns counts of rows by field."""
    counts = {name: _repeat(step, batch) for name, step in _steps(now, batch).items()}
    done = {name: count for name, count in counts.items() if count}
    if done:
        with unit_of_work() as session:
            audit.record(
                session, action="personal_data.purged", object_type="register", object_id=None, details=done, now=now
            )
    return done


def _repeat(step: Step, batch: int) -> int:
    total = 0
    while True:
        with unit_of_work() as session:
            count = step(session)
        total += count
        if count < batch:
            return total


def _steps(now: datetime, batch: int) -> dict[str, Step]:
    def before(field: str) -> datetime:
        return now - timedelta(days=fieldregister.field(field).retention.days)

    def closed(field: str) -> Any:
        return select(PersonRow.id).where(PersonRow.closed_at < before(field))

    def accounts_closed(field: str) -> Any:
        return select(AccountRow.id).where(AccountRow.person_id.in_(closed(field)))

    def forget(key: InstrumentedAttribute[Any], due: ColumnElement[bool], **values: Any) -> Step:
        def step(session: Session) -> int:
            return _rows(
                session,
                update(key.class_).where(key.in_(select(key).where(due).limit(batch))).values(**values).returning(key),
            )

        return step

    def drop(key: InstrumentedAttribute[Any], due: ColumnElement[bool], *more: InstrumentedAttribute[Any]) -> Step:
        keys = (key, *more)  # of the whole row, or those that are not due yet would go with it

        def step(session: Session) -> int:
            some = tuple_(*keys).in_(select(*keys).where(due).limit(batch))
            return _rows(session, delete(key.class_).where(some).returning(key))

        return step

    has_secrets = or_(AccountRow.password_hash != "", AccountRow.totp_sealed.is_not(None))
    return {
        "session_address": forget(
            AuthSessionRow.id,
            (AuthSessionRow.expires_at < before("session_address")) & (AuthSessionRow.address != ""),
            address="",
            browser="",
        ),
        "sign_in_code": drop(SignInCodeRow.id, SignInCodeRow.expires_at < before("sign_in_code")),
        "sign_in_guard": drop(
            SignInGuardRow.username,
            (SignInGuardRow.since < before("sign_in_guard"))
            & or_(SignInGuardRow.locked_until.is_(None), SignInGuardRow.locked_until < now),
        ),
        "mobile": forget(
            PersonRow.id,
            (PersonRow.closed_at < before("mobile")) & (PersonRow.mobile_hash != ""),
            mobile_sealed="",
            mobile_hash="",
        ),
        "mail": forget(
            PersonRow.id, (PersonRow.closed_at < before("mail")) & PersonRow.mail_sealed.is_not(None), mail_sealed=None
        ),
        "password": forget(
            AccountRow.id,
            AccountRow.person_id.in_(closed("password")) & has_secrets,
            password_hash="",
            totp_sealed=None,
        ),
        "password_history": drop(PasswordHistoryRow.id, PasswordHistoryRow.account_id.in_(accounts_closed("password"))),
        "second_factor": drop(RecoveryCodeRow.id, RecoveryCodeRow.account_id.in_(accounts_closed("second_factor"))),
        "correction": drop(CorrectionRow.id, CorrectionRow.decided_at < before("correction")),
        "notice": lambda session: notices.purge(session, before=before("notice"), limit=batch),
        "id_number_clash": drop(
            IdNumberClashRow.person_id, IdNumberClashRow.at < before("id_number_clash"), IdNumberClashRow.other_id
        ),
    }


def _rows(session: Session, statement: Any) -> int:
    return len(session.execute(statement.execution_options(synchronize_session=False)).all())
