"""The page where a learner watches a lecture."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from flask import request, url_for
from markupsafe import Markup
from sqlalchemy.orm import Session

from lms.accommodations import queries as accommodations
from lms.catalogue import queries as catalogue
from lms.catalogue.queries import CourseCard, PlayableLecture
from lms.classes import queries as classes
from lms.classes.queries import TrainingClass
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.learning import queries
from lms.learning.domain.completion import State
from lms.learning.queries import CourseState, LectureState
from lms.learning.views.blueprint import bp
from lms.video.views import grant_cookie
from lms.web import guards, login, ports, render, richtext

# The same text gives the same HTML, and cleaning costs more than any query of the page.
_cleaned = lru_cache(maxsize=1024)(richtext.clean)

KEPT_BY_PLAYER = ("threshold_percent", "max_rate_percent", "seek_courtesy", "pause_when_hidden")
WORTH_SAYING_MS = 2000  # of time that did not count when it was claimed; less passes with the next beat


@dataclass(frozen=True)
class Lesson:
    """A lecture in the list beside the player; `number` is its course's place in the class."""

    number: int
    title: str
    url: str
    state: State
    duration_ms: int
    current: bool


@bp.get("/lectures/<uuid:lecture_id>")
@guards.signed_in
def lecture_page(lecture_id: UUID) -> Any:
    """The player, how far the learner is, and what comes next; ?class= names the class that it is watched in."""
    principal = login.current()
    with reading() as session:
        lecture = catalogue.playable_lecture(session, lecture_id)
        training, enrolment_id = _class_of(session, lecture, principal.person_id)
        course_ids = training.course_ids if training else (lecture.course_id,)
        cards = catalogue.course_cards(session, course_ids)
        states = queries.course_states(session, principal.person_id, cards)
        policy = queries.policy_of(session, lecture.course_id)
        card, here = _own(lecture, cards, states)
        self_study = training is None or enrolment_id is None or training.kind == "self_study"
        put_off = (
            ports.hours_put_off(session, principal.person_id, card.credit_hours, clock.now()) if self_study else None
        )
        granted = accommodations.measure(session, principal.person_id, clock.now().astimezone(clock.SHANGHAI).date())
    lessons = _lessons(cards, states, course_ids, lecture_id, training.id if training else None)
    response = render.page(
        "learning/lecture.html",
        lecture=lecture,
        outline=Markup(_cleaned(lecture.outline)),  # noqa: S704 - cleaned in this very line
        training=training,
        class_url=url_for("portal_learner.class_page", class_id=training.id) if training else None,
        enrolment_id=enrolment_id,
        credit_hours=card.credit_hours,
        put_off=put_off,
        watched=here.progress.watched,
        coverage=here.coverage,
        position_ms=here.progress.position_ms,
        completed=here.progress.completed_at is not None,
        course_completed=states[lecture.course_id].completed_at is not None,
        rules=policy,
        player_rules={name: getattr(policy, name) for name in KEPT_BY_PLAYER},
        asked=policy.presence.asks(lecture.duration_ms),
        answer_seconds=policy.presence.window(granted.presence_percent),
        trims=frozenset(reason for reason, ms in here.progress.trims.items() if ms >= WORTH_SAYING_MS),
        lessons=lessons,
        next_lesson=_next(lessons),
        playlist_url=url_for("video_learner.package_file", asset_id=lecture.asset_id, name="master.m3u8"),
        captions_url=_captions_url(lecture),
        poster_url=url_for("catalogue_learner.poster", lecture_id=lecture_id),
    )
    grant_cookie(lecture.asset_id)(response)
    return response


def _own(
    lecture: PlayableLecture, cards: tuple[CourseCard, ...], states: dict[UUID, CourseState]
) -> tuple[CourseCard, LectureState]:
    """The course of a lecture and how far the learner is with it. Raises NotFound when it was withdrawn in this moment."""
    found = next(
        (
            (card, here)
            for card in cards
            if card.id == lecture.course_id
            for here in states[card.id].lectures
            if here.lecture_id == lecture.lecture_id
        ),
        None,
    )
    if found is None:
        raise NotFound
    return found


def _class_of(session: Session, lecture: PlayableLecture, person_id: UUID) -> tuple[TrainingClass | None, UUID | None]:
    """The class that the page belongs to and the learner's enrolment in it: the one asked for, else the one enrolled in.

    Raises NotFound for a class that does not run or does not have the course, and, as its own page does, for one that the
    learner is not in and that is not open to them.
    """
    asked = request.args.get("class", type=UUID)
    if asked is None:
        enrolment = classes.enrolment_for_course(session, person_id, lecture.course_id)
        return (classes.class_facts(session, enrolment.class_id), enrolment.id) if enrolment else (None, None)
    training = classes.class_facts(session, asked)
    if training.phase == "design" or lecture.course_id not in training.course_ids:
        raise NotFound
    enrolment = classes.enrolment(session, asked, person_id)
    if enrolment is None and training.enrolment != "open":
        raise NotFound
    return training, enrolment.id if enrolment and enrolment.active else None


def _lessons(
    cards: tuple[CourseCard, ...],
    states: dict[UUID, CourseState],
    course_ids: tuple[UUID, ...],
    current_id: UUID,
    class_id: UUID | None,
) -> tuple[Lesson, ...]:
    named: dict[str, Any] = {"class": class_id} if class_id else {}
    return tuple(
        Lesson(
            number=course_ids.index(card.id) + 1,
            title=lecture.title if len(card.lectures) > 1 else card.title,
            url=url_for(".lecture_page", lecture_id=lecture.id, **named),
            state=standing.state,
            duration_ms=lecture.duration_ms,
            current=lecture.id == current_id,
        )
        for card in cards
        for lecture, standing in zip(card.lectures, states[card.id].lectures, strict=True)
    )


def _next(lessons: tuple[Lesson, ...]) -> Lesson | None:
    """The next lesson that is not finished, in the class's order, from the current one round to it again."""
    here = next(index for index, lesson in enumerate(lessons) if lesson.current)
    following = lessons[here + 1 :] + lessons[:here]
    return next((lesson for lesson in following if lesson.state is not State.COMPLETED), None)


def _captions_url(lecture: PlayableLecture) -> str | None:
    if lecture.caption_id is None:
        return None
    return url_for("video_learner.captions", asset_id=lecture.asset_id, caption_id=lecture.caption_id)
