"""What the staff pages of training share: whom they may act for, and the words of coded facts."""

from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from lms.accounts.domain.reach import Staff
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.offline.domain.facts import LEDGERS, SOURCES
from lms.offline.domain.workflow import STATE_NAMES
from lms.web import login, ports

TONES = {"draft": "neutral", "submitted": "info", "approved": "success", "returned": "warning", "declined": "danger"}


def staff(permission: Permission) -> Staff:
    """This person at work, with the subtrees over which they hold a permission."""
    principal = login.current()
    return Staff(principal.person_id, ports.scopes_for(principal, permission))


def reader() -> tuple[str, ...]:
    """The subtrees whose trainings this person sees: to enter or to decide."""
    return (*staff(Permission.TRAINING_ENTER).scopes, *staff(Permission.TRAINING_APPROVE).scopes)


def words() -> dict[str, dict[str, str]]:
    """The words of coded facts in the reader's language, and the tones of states."""
    return {
        "source": {value: _(text) for value, text in SOURCES.items()},
        "ledger": {value: _(text) for value, text in LEDGERS.items()},
        "state": {value: _(text) for value, text in STATE_NAMES.items()},
        "tone": {state: TONES.get(state, "neutral") for state in STATE_NAMES},
    }


def as_id(text: str | None) -> UUID | None:
    """The id that a text is, None for an empty one. Raises NotFound for any other text."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NotFound from None


def tell(form: Any, error: Any) -> None:
    """Shows a refusal beside its fields, or for the form as a whole."""
    form.show(error.fields or {"": error.detail or error.title}, error.extra)
