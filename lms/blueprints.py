"""Every blueprint and its URL prefix on one screen."""

from flask import Flask

from lms.access import staff_views as access_staff
from lms.accommodations import staff_views as accommodations_staff, views as accommodations_views
from lms.accounts import api as accounts_api, staff_views as accounts_staff, views as accounts_views
from lms.audit import staff_views as audit_staff
from lms.catalogue import staff_views as catalogue_staff, views as catalogue_views
from lms.certificates import api as certificates_api, views as certificates_views
from lms.classes import staff_views as classes_staff
from lms.exams import api as exams_api, staff_views as exams_staff, views as exams_views
from lms.hours import api as hours_api, staff_views as hours_staff, views as hours_views
from lms.learning import api as learning_api, staff_views as learning_staff, views as learning_views
from lms.notices import views as notices_views
from lms.offline import staff_views as offline_staff, views as offline_views
from lms.organisations import api as organisations_api, staff_views as organisations_staff
from lms.portal import api as portal_api, staff_views as portal_staff, views as portal_views
from lms.practice import views as practice_views
from lms.questionbank import staff_views as questionbank_staff
from lms.reporting import staff_views as reporting_staff
from lms.video import views as video_views

PAGES = (
    portal_views.bp,
    portal_api.bp,
    accounts_views.bp,
    accommodations_views.bp,
    video_views.bp,
    catalogue_views.bp,
    learning_views.bp,
    exams_views.bp,
    practice_views.bp,
    hours_views.bp,
    offline_views.bp,
    notices_views.bp,
    certificates_views.bp,
)
STAFF = (
    portal_staff.bp,
    access_staff.bp,
    organisations_staff.bp,
    accounts_staff.bp,
    accommodations_staff.bp,
    catalogue_staff.bp,
    questionbank_staff.bp,
    classes_staff.bp,
    exams_staff.bp,
    learning_staff.bp,
    offline_staff.bp,
    reporting_staff.bp,
    hours_staff.bp,
    audit_staff.bp,
)
JSON = (accounts_api.bp, organisations_api.bp, learning_api.bp, exams_api.bp, hours_api.bp, certificates_api.bp)


def register(app: Flask) -> None:
    """Mounts all blueprints: pages at /, staff pages at /staff, JSON at /api/v1."""
    for prefix, blueprints in ((None, PAGES), ("/staff", STAFF), ("/api/v1", JSON)):
        for blueprint in blueprints:
            app.register_blueprint(blueprint, url_prefix=prefix)
