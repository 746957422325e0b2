"""What the pages show of classes and courses, as plain data made from what the subjects know."""

from collections.abc import Container, Iterable, Mapping
from typing import Any
from uuid import UUID

from flask import url_for

from lms.accounts.queries.privacy import IdNumber
from lms.catalogue.queries import CourseCard
from lms.certificates import queries as certificates
from lms.classes.queries import TrainingClass
from lms.exams.domain.standing import Standing
from lms.learning.domain.completion import State
from lms.learning.queries import CourseState

Row = dict[str, Any]


def course_rows(
    training: TrainingClass,
    cards: Mapping[UUID, CourseCard],
    states: Mapping[UUID, CourseState],
    done: Container[UUID],
    titles: Mapping[UUID, str],
) -> list[Row]:
    """Every course of a class in its order; one without a lecture that can be watched now has no address.

    `titles` names the courses that have no card, for they were never published.
    """
    rows = []
    for number, course_id in enumerate(training.course_ids, start=1):
        card, state = cards.get(course_id), states.get(course_id)
        row: Row = {
            "number": number,
            "title": titles.get(course_id, ""),
            "teacher": None,
            "credit_hours": 0,
            "duration_ms": 0,
            "suspended": 0,
            "state": State.COMPLETED if course_id in done else State.NOT_STARTED,
            "coverage": 0.0,
            "url": None,
            "goes_on": False,
        }
        if card is not None and state is not None:
            row |= {
                "title": card.title,
                "credit_hours": card.credit_hours,
                "duration_ms": card.duration_ms,
                "suspended": card.suspended,
                "state": state.state,
                "coverage": state.coverage,
                "goes_on": state.next_lecture_id is not None,
            }
            if card.lectures:
                row |= {"teacher": teacher(card), "url": course_url(card, state, training.id)}
        rows.append(row)
    return rows


def teacher(card: CourseCard) -> str:
    """The teacher with institution and post, as it stands beside a course."""
    return f"{card.teacher.name} · {card.teacher.institution}{card.teacher.post}"


def next_lesson(
    mine: Iterable[TrainingClass], cards: Mapping[UUID, CourseCard], states: Mapping[UUID, CourseState]
) -> Row | None:
    """The first lecture that is still to be watched, in the order of classes and courses; None when there is none."""
    for training in mine:
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
                "position_ms": standing.progress.position_ms,
                "duration_ms": lecture.duration_ms,
                "coverage": standing.coverage,
                "url": lecture_url(lecture.id, training.id),
                "poster_url": url_for("catalogue_learner.poster", lecture_id=lecture.id),
            }
    return None


def exam(standing: Standing | None, *, all_done: bool) -> Row | None:
    """Where the learner stands in the exam; None when the class has none. `all_done`: every course is completed."""
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


def certificate(found: certificates.Certificate | None) -> Row | None:
    """A certificate with its addresses; None when there is none."""
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


def id_number(known: IdNumber | None) -> Row:
    """Where the ID number that a qualification class asks for stands: "wanted", "waiting" for the unit, or "confirmed"."""
    state = "wanted" if known is None else "confirmed" if known.confirmed else "waiting"
    return {"state": state, "url": url_for("accounts_learner.id_number_form")}


def class_url(class_id: UUID) -> str:
    """Where a class is shown."""
    return url_for("portal_learner.class_page", class_id=class_id)


def lecture_url(lecture_id: UUID, class_id: UUID | None) -> str:
    """Where a lecture is watched, within a class or by itself."""
    if class_id is None:
        return url_for("learning_learner.lecture_page", lecture_id=lecture_id)
    named: dict[str, Any] = {"class": class_id}
    return url_for("learning_learner.lecture_page", lecture_id=lecture_id, **named)


def course_url(card: CourseCard, state: CourseState | None, class_id: UUID | None) -> str:
    """The lecture with which the learner goes on in a course that has lectures, else its first."""
    going_on = state.next_lecture_id if state and state.next_lecture_id else card.lectures[0].id
    return lecture_url(going_on, class_id)


def poster(card: CourseCard) -> str:
    """The picture of a course that has lectures."""
    return url_for("catalogue_learner.poster", lecture_id=card.lectures[0].id)
