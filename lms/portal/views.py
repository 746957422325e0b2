"""Pages that span subjects: home, catalogue, class, language."""

from typing import Any
from uuid import UUID

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms import settings as settings_module
from lms.accounts.views import inside
from lms.catalogue import queries as catalogue
from lms.catalogue.queries import CourseCard
from lms.certificates import queries as certificates
from lms.classes import queries as classes, service as enrolling
from lms.classes.queries import Enrolment, TrainingClass
from lms.exams import queries as exams
from lms.exams.domain.standing import Standing
from lms.hours import queries as hours
from lms.hours.domain.rules import count_year
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.principal import Principal
from lms.learning import queries as learning
from lms.learning.domain.completion import State
from lms.learning.queries import CourseState
from lms.portal import preparing
from lms.web import guards, locale, login, render

bp = Blueprint("portal_learner", __name__)

COURSES_A_PAGE = 24


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
                hours=None,
                open_classes=[],
                preparing=preparing.state(),
            )
        mine = classes.classes_of(session, principal.person_id)
        cards = {
            card.id: card for card in catalogue.course_cards(session, {i for one, _e in mine for i in one.course_ids})
        }
        states = learning.course_states(session, principal.person_id, cards.values())
        shown = [_class_summary(session, principal, one, enrolment, cards, states) for one, enrolment in mine]
        year = hours.year_of(session, principal.person_id, count_year(clock.now()))
        joined = {one.id for one, _enrolment in mine}
        others = [one for one in classes.running_classes(session) if one.enrolment == "open" and one.id not in joined]
    return render.page(
        "portal/home.html",
        featured=None,
        next_lesson=_next_lesson(mine, cards, states),
        classes=shown,
        hours={
            "year": year.year,
            "earned": year.self_study.earned,
            "required": year.self_study.required,
            "class_earned": year.centralized.earned,
        },
        open_classes=[
            {"name": one.name, "url": _class_url(one.id), "starts_on": one.starts_on, "ends_on": one.ends_on}
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
            "url": _course_url(card, states.get(card.id), None),
            "poster_url": _poster(card),
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
        if training.phase == "design":
            abort(404)
        enrolment = classes.enrolment(session, class_id, principal.person_id)
        cards = catalogue.course_cards(session, training.course_ids)
        states = learning.course_states(session, principal.person_id, cards)
        earned = hours.hours_of_courses(session, principal.person_id, training.course_ids)
        standing = exams.standing_in_class(
            session, class_id, principal.person_id, enrolled=enrolment is not None and enrolment.active, now=clock.now()
        )
        certificate = certificates.of_class(session, principal.person_id, class_id)
    by_id = {card.id: card for card in cards}
    completed = sum(1 for state in states.values() if state.state is State.COMPLETED)
    listed = []
    for number, course_id in enumerate(training.course_ids, start=1):
        card = by_id.get(course_id)
        if card is None:
            continue
        state = states[course_id]
        listed.append(
            {
                "number": number,
                "title": card.title,
                "teacher": card.teacher.name,
                "institution": f"{card.teacher.institution}{card.teacher.post}",
                "credit_hours": card.credit_hours,
                "duration_ms": card.duration_ms,
                "state": state.state.value,
                "coverage": state.coverage,
                "url": _course_url(card, state, class_id),
                "poster_url": _poster(card),
            }
        )
    can_enrol = enrolment is None and training.enrolment == "open" and training.phase == "implement"
    return render.page(
        "portal/class.html",
        training=training,
        enrolment=enrolment.state if enrolment else None,
        enrol_url=url_for(".enrol", class_id=class_id) if can_enrol else None,
        courses=listed,
        completed=completed,
        hours_earned=earned,
        hours_total=sum(card.credit_hours for card in cards),
        next_url=next((one["url"] for one in listed if one["state"] != State.COMPLETED), None),
        exam=_exam(standing, all_done=completed == len(training.course_ids)),
        certificate=_certificate(certificate),
    )


@bp.post("/classes/<uuid:class_id>/enrolment")
@guards.signed_in
def enrol(class_id: UUID) -> Any:
    """Joins an open class."""
    enrolling.enrol(class_id, login.current().person_id, now=clock.now())
    flash(_("报名成功，可以开始学习了。"), "success")
    return redirect(_class_url(class_id), 303)


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
    listed = [(n, cards[i]) for n, i in enumerate(training.course_ids, start=1) if i in cards]
    return {
        "name": training.name,
        "certificate_name": training.certificate_name,
        "credit_hours": sum(card.credit_hours for card in cards.values()),
        "url": _class_url(training.id),
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
    principal: Principal,
    training: TrainingClass,
    enrolment: Enrolment,
    cards: dict[UUID, CourseCard],
    states: dict[UUID, CourseState],
) -> dict[str, Any]:
    listed = [
        {
            "number": number,
            "title": cards[course_id].title,
            "state": states[course_id].state.value,
            "url": _course_url(cards[course_id], states[course_id], training.id),
        }
        for number, course_id in enumerate(training.course_ids, start=1)
        if course_id in cards
    ]
    completed = sum(1 for one in listed if one["state"] == State.COMPLETED)
    standing = exams.standing_in_class(
        session, training.id, principal.person_id, enrolled=enrolment.active, now=clock.now()
    )
    exam = _exam(standing, all_done=completed == len(training.course_ids))
    certificate = certificates.of_class(session, principal.person_id, training.id)
    return {
        "name": training.name,
        "url": _class_url(training.id),
        "enrolment": enrolment.state,
        "completed": completed,
        "total": len(training.course_ids),
        "courses": listed,
        "exam": exam,
        "certificate": _certificate(certificate),
    }


def _next_lesson(
    mine: tuple[tuple[TrainingClass, Enrolment], ...], cards: dict[UUID, CourseCard], states: dict[UUID, CourseState]
) -> dict[str, Any] | None:
    for training, _enrolment in mine:
        for number, course_id in enumerate(training.course_ids, start=1):
            state = states.get(course_id)
            if state is None or state.next_lecture_id is None:
                continue
            card = cards[course_id]
            lecture = next(one for one in card.lectures if one.id == state.next_lecture_id)
            standing = next(one for one in state.lectures if one.lecture_id == lecture.id)
            return {
                "title": lecture.title,
                "course_title": card.title,
                "course_number": number,
                "teacher": card.teacher.name,
                "position_ms": standing.position_ms,
                "duration_ms": lecture.duration_ms,
                "coverage": standing.coverage,
                "url": _lecture_url(lecture.id, training.id),
                "poster_url": url_for("catalogue_learner.poster", lecture_id=lecture.id),
            }
    return None


def _exam(standing: Standing | None, *, all_done: bool) -> dict[str, Any] | None:
    if standing is None:
        return None
    return {
        "state": standing.state(all_done),
        "url": url_for("exams_learner.exam_page", exam_id=standing.exam_id),
        "questions": standing.questions,
        "minutes": standing.minutes,
        "pass_mark": standing.pass_mark,
        "max_score": standing.max_score,
        "attempts_used": standing.attempts_used,
        "max_attempts": standing.max_attempts,
        "best_score": standing.best_score,
    }


def _certificate(found: certificates.Certificate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    pdf = url_for("certificates_learner.download", certificate_id=found.id) if found.document else None
    return {
        "status": found.status.value,
        "number": found.number,
        "url": url_for("certificates_learner.my_certificates"),
        "pdf_url": pdf,
        "verify_url": url_for("certificates_learner.verify_token", token=found.verify_token),
    }


def _class_url(class_id: UUID) -> str:
    return url_for("portal_learner.class_page", class_id=class_id)


def _lecture_url(lecture_id: UUID, class_id: UUID | None) -> str:
    if class_id is None:
        return url_for("learning_learner.lecture_page", lecture_id=lecture_id)
    named: dict[str, Any] = {"class": class_id}
    return url_for("learning_learner.lecture_page", lecture_id=lecture_id, **named)


def _course_url(card: CourseCard, state: CourseState | None, class_id: UUID | None) -> str:
    going_on = state.next_lecture_id if state and state.next_lecture_id else card.lectures[0].id
    return _lecture_url(going_on, class_id)


def _poster(card: CourseCard) -> str:
    return url_for("catalogue_learner.poster", lecture_id=card.lectures[0].id)
