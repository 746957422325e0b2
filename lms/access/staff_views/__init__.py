"""Staff pages of access: roles, and help that two persons give together."""

from lms.access.staff_views import joint_help, roles
from lms.access.staff_views.blueprint import bp

__all__ = ["bp", "joint_help", "roles"]
