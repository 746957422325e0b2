"""The blueprint of learning's staff pages, and who acts on them."""

from flask import Blueprint

from lms.access import service as access
from lms.accounts.domain.reach import Staff
from lms.kernel.permissions import Permission
from lms.web import login

bp = Blueprint("learning_staff", __name__)


def staff(permission: Permission) -> Staff:
    """This person at work, with the subtrees over which they have a permission."""
    who = login.current()
    return Staff(who.person_id, access.scopes_for(who, permission))
