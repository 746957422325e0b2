"""Pages that span subjects: home, catalogue, class, language."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts import queries as accounts
from lms.accounts.queries import privacy as id_numbers
from lms.accounts.views import inside
from lms.catalogue import queries as catalogue
from lms.catalogue.queries import CourseCard
from lms.certificates import queries as certificates
from lms.classes import queries as classes, service as enrolling
from lms.classes.queries import Enrolment, TrainingClass
from lms.exams import queries as exams
from lms.hours import queries as hours
from lms.hours.domain.rules import count_year
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.learning import queries as learning
from lms.learning.domain.completion import State
from lms.portal import preparing, shown
from lms.practice import queries as practice
from lms.web import guards, locale, login, pagination, render

bp = Blueprint("portal_learner", __name__)

COURSES_A_PAGE = 24
CLASSES_ON_HOME = 5  # with courses, exam and certificate; each costs two statements for the exam


@bp.get("/")
@guards.public
def home() -> Any:
    """The first page: for visitors what this is, for learners where they go on."""
    principal = login.current_or_none()
    with reading() as session:
        if principal is None:
            return render.page(
                "portal/home.html",
                featured=_featured(session),
                next_lesson=None,
                classes=[],
                more_classes=[],
                hours=None,
                open_classes=[],
                preparing=preparing.state(),
            )
        person_id = principal.person_id
        mine = classes.classes_of(session, person_id)
        course_ids = {course_id for one, _enrolment in mine for course_id in one.course_ids}
        cards = {card.id: card for card in catalogue.course_cards(session, course_ids)}
        done = learning.completions(session, person_id, course_ids)
        states = learning.course_states(session, person_id, cards.values(), done=done)
        titles = _titles_without_card(session, course_ids, cards)
        newest = {one.class_id: one for one in reversed(certificates.of_person(session, person_id))}
        summaries = [
            _class_summary(
                session,
                person_id,
                one,
                enrolment,
                shown.course_rows(one, cards, states, done, titles),
                newest.get(one.id),
            )
            for one, enrolment in mine[:CLASSES_ON_HOME]
        ]
        year = hours.year_of(session, person_id, count_year(clock.now()))
        joined = {one.id for one, _enrolment in mine}
        others = [one for one in classes.running_classes(session) if one.id not in joined]
    return render.page(
        "portal/home.html",
        featured=None,
        next_lesson=shown.next_lesson((one for one, _enrolment in mine), cards, states),
        classes=summaries,
        more_classes=[{"name": one.name, "url": shown.class_url(one.id)} for one, _e in mine[CLASSES_ON_HOME:]],
        hours={
            "year": year.year,
            "earned": year.self_study.earned,
            "required": year.self_study.required,
            "class_earned": year.centralized.earned,
        },
        open_classes=[
            {"name": one.name, "url": shown.class_url(one.id), "starts_on": one.starts_on, "ends_on": one.ends_on}
            for one in others
        ],
        preparing=preparing.state(),
    )


@bp.get("/courses")
@guards.public
def courses() -> Any:
    """The catalogue of published courses."""
    page = pagination.page_number()
    principal = login.current_or_none()
    with reading() as session:
        found = catalogue.published_course_ids(session, limit=COURSES_A_PAGE + 1, offset=(page - 1) * COURSES_A_PAGE)
        cards = catalogue.course_cards(session, found[:COURSES_A_PAGE])
        states = learning.course_states(session, principal.person_id, cards) if principal else {}
    listed = [
        {
            "title": card.title,
            "teacher": card.teacher.name,
            "institution": f"{card.teacher.institution}{card.teacher.post}",
            "summary": "",
            "lecture_count": len(card.lectures),
            "duration_ms": card.duration_ms,
            "credit_hours": card.credit_hours,
            "url": shown.course_url(card, states.get(card.id), None),
            "poster_url": shown.poster(card),
            "state": states[card.id].state.value if card.id in states else None,
            "demo": card.demo,
        }
        for card in cards
    ]
    return render.page(
        "portal/courses.html",
        courses=listed,
        previous_url=url_for(".courses", page=page - 1) if page > 1 else None,
        next_url=url_for(".courses", page=page + 1) if len(found) > COURSES_A_PAGE else None,
    )


@bp.get("/classes/<uuid:class_id>")
@guards.signed_in
def class_page(class_id: UUID) -> Any:
    """One class: its courses, exam and certificate as they stand for the learner."""
    principal = login.current()
    with reading() as session:
        training = classes.class_facts(session, class_id)
        enrolment = classes.enrolment(session, class_id, principal.person_id)
        if training.phase == "design" or (enrolment is None and training.enrolment != "open"):
            raise NotFound
        cards = {card.id: card for card in catalogue.course_cards(session, training.course_ids)}
        done = learning.completions(session, principal.person_id, training.course_ids)
        states = learning.course_states(session, principal.person_id, cards.values(), done=done)
        titles = _titles_without_card(session, training.course_ids, cards)
        earned = hours.hours_of_courses(session, principal.person_id, training.course_ids)
        standing = exams.standing_in_class(
            session, class_id, principal.person_id, enrolled=enrolment is not None and enrolment.active, now=clock.now()
        )
        certificate = certificates.of_class(session, principal.person_id, class_id)
        practised = bool(enrolment and enrolment.active) and practice.offered(session, training.course_ids)
        confirmed = accounts.person(session, principal.person_id).confirmed
        asks = training.certificate_kind == classes.QUALIFICATION and enrolment is not None and enrolment.active
        number = id_numbers.own_id_number(session, principal.person_id) if asks else None
    rows = shown.course_rows(training, cards, states, done, titles)
    completed = _completed(rows)
    can_enrol = enrolment is None and training.enrolment == "open" and training.phase == "implement"
    return render.page(
        "portal/class.html",
        training=training,
        enrolment=enrolment.state if enrolment else None,
        enrol_url=url_for(".enrol", class_id=class_id) if can_enrol else None,
        courses=rows,
        completed=completed,
        hours_earned=earned,
        hours_total=sum(row["credit_hours"] for row in rows),
        next_url=next((row["url"] for row in rows if row["goes_on"]), None),
        exam=shown.exam(standing, all_done=completed == len(rows)),
        certificate=shown.certificate(certificate),
        mock_exam=practised and standing is not None,
        practice=practised,
        confirmed=confirmed,
        id_number=shown.id_number(number) if asks else None,
    )


@bp.post("/classes/<uuid:class_id>/enrolment")
@guards.signed_in
def enrol(class_id: UUID) -> Any:
    """Joins an open class."""
    enrolling.enrol(class_id, login.current().person_id, now=clock.now())
    flash(_("报名成功，可以开始学习了。"), "success")
    return redirect(shown.class_url(class_id), 303)


@bp.post("/language")
@guards.public
def choose_language() -> Any:
    """Remembers the language of this browser."""
    chosen = request.form.get("locale", "")
    response = redirect(inside(request.form.get("next")), 303)
    if chosen in locale.LANGUAGES:
        response.set_cookie(
            locale.COOKIE,
            chosen,
            max_age=365 * 86400,
            httponly=True,
            samesite="Lax",
            secure=settings_module.current().secure_cookies,
        )
    return response


def _featured(session: Session) -> dict[str, Any] | None:
    running = classes.running_classes(session, limit=1)
    if not running:
        return None
    training = running[0]
    cards = {card.id: card for card in catalogue.course_cards(session, training.course_ids)}
    listed = [(n, cards[i]) for n, i in enumerate(training.course_ids, start=1) if i in cards and cards[i].lectures]
    return {
        "name": training.name,
        "certificate_name": training.certificate_name,
        "credit_hours": sum(card.credit_hours for _number, card in listed),
        "url": shown.class_url(training.id),
        "courses": [
            {
                "number": number,
                "title": card.title,
                "teacher": card.teacher.name,
                "institution": f"{card.teacher.institution}{card.teacher.post}",
            }
            for number, card in listed
        ],
    }


def _class_summary(
    session: Session,
    person_id: UUID,
    training: TrainingClass,
    enrolment: Enrolment,
    rows: list[shown.Row],
    certificate: certificates.Certificate | None,
) -> shown.Row:
    completed = _completed(rows)
    standing = exams.standing_in_class(session, training.id, person_id, enrolled=enrolment.active, now=clock.now())
    return {
        "name": training.name,
        "url": shown.class_url(training.id),
        "enrolment": enrolment.state,
        "completed": completed,
        "total": len(rows),
        "courses": rows,
        "exam": shown.exam(standing, all_done=completed == len(rows)),
        "certificate": shown.certificate(certificate),
    }


def _completed(rows: list[shown.Row]) -> int:
    return sum(row["state"] is State.COMPLETED for row in rows)


def _titles_without_card(
    session: Session, course_ids: Iterable[UUID], cards: Mapping[UUID, CourseCard]
) -> dict[UUID, str]:
    bare = [course_id for course_id in course_ids if course_id not in cards]
    return catalogue.course_titles(session, bare) if bare else {}
