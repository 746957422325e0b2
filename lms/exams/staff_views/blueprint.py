"""The blueprint of staff's pages of exams, and whom they reach."""

from flask import Blueprint

from lms.accounts.domain.reach import Staff
from lms.kernel.permissions import Permission
from lms.web import login, ports

bp = Blueprint("exams_staff", __name__)


def scopes(permission: Permission) -> tuple[str, ...]:
    """The subtrees over which this person has a permission."""
    return ports.scopes_for(login.current(), permission)


def staff(permission: Permission) -> Staff:
    """This person at work."""
    return Staff(login.current().person_id, scopes(permission))
