"""Class pages of staff: the classes in my scope and the people in them."""

from typing import Any
from uuid import UUID

from flask import Blueprint, url_for

from lms.access import service as access
from lms.classes import queries
from lms.infra.db import reading
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.web import guards, login, pagination, ports, render

bp = Blueprint("classes_staff", __name__)

PAGE = 50


@bp.get("/classes")
@guards.requires(Permission.CLASS_READ)
def class_list() -> Any:
    """The classes that units in my scope hold."""
    page = pagination.page_number()
    scopes = access.scopes_for(login.current(), Permission.CLASS_READ)
    with reading() as session:
        found = queries.classes_within(session, scopes, limit=PAGE + 1, offset=(page - 1) * PAGE)
    return render.page(
        "classes/class_list.html",
        classes=found[:PAGE],
        previous_url=url_for(".class_list", page=page - 1) if page > 1 else None,
        next_url=url_for(".class_list", page=page + 1) if len(found) > PAGE else None,
    )


@bp.get("/classes/<uuid:class_id>")
@guards.requires(Permission.CLASS_READ)
def class_members(class_id: UUID) -> Any:
    """Who is in a class and how far each is: the person behind comes first to the eye by the bar."""
    page = pagination.page_number()
    with reading() as session:
        training = queries.class_facts(session, class_id)
        if not access.may(login.current(), Permission.CLASS_READ, training.unit_path):
            raise NotFound
        found = queries.members(session, class_id, limit=PAGE + 1, offset=(page - 1) * PAGE)
        people = [member.person_id for member in found[:PAGE]]
        standing = ports.class_standing(session, training.course_ids, people)
    return render.page(
        "classes/class_members.html",
        training=training,
        may_admit=bool(access.may(login.current(), Permission.EXAM_ADMIT, training.unit_path)),
        may_set_exam=bool(access.may(login.current(), Permission.EXAM_SET, training.unit_path)),
        members=[(member, standing.get(member.person_id, 0)) for member in found[:PAGE]],
        previous_url=url_for(".class_members", class_id=class_id, page=page - 1) if page > 1 else None,
        next_url=url_for(".class_members", class_id=class_id, page=page + 1) if len(found) > PAGE else None,
    )
