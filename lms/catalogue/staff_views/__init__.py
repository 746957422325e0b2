"""Staff pages of the catalogue: authors write and hand in, reviewers decide, managers of content stop and resume."""

from lms.catalogue.staff_views import authoring, published, reviewing, teachers
from lms.catalogue.staff_views.blueprint import bp

__all__ = ["authoring", "bp", "published", "reviewing", "teachers"]
