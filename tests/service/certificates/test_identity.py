"""A certificate waits until somebody vouches for the person, and comes by itself then."""

from uuid import UUID

from sqlalchemy import update

from lms.accounts.domain.reach import Staff
from lms.accounts.models import PersonRow
from lms.accounts.service import identity
from lms.certificates import queries
from lms.exams.events import attempt_graded
from lms.exams.models import AttemptRow, ExamRow, ExamRulesRow, ScoreRow
from lms.infra.db import reading, unit_of_work
from lms.kernel import ids
from tests.factories.certificates import NOW, Class, Land, MakePerson
from tests.factories.joining import join_by_two
from tests.service.certificates.test_listeners import graded


def pass_exam(person_id: UUID, training: Class, *, score: int = 86) -> None:
    """A graded attempt of the class's exam, in the database alone."""
    with unit_of_work() as session:
        exam_id = session.query(ExamRow.id).filter_by(class_id=training.id).scalar()
        if exam_id is None:
            exam_id = ids.new_id(NOW)
            session.add(ExamRow(id=exam_id, class_id=training.id, title="考试", state="open", created_at=NOW))
            session.flush()
            session.add(
                ExamRulesRow(
                    exam_id=exam_id,
                    version=1,
                    sections=[],
                    minutes=60,
                    pass_mark=60,
                    max_attempts=3,
                    grace_seconds=30,
                    review="score",
                    created_at=NOW,
                )
            )
            session.flush()
        attempt = AttemptRow(
            id=ids.new_id(NOW),
            exam_id=exam_id,
            rules_version=1,
            person_id=person_id,
            attempt_no=1,
            state="open",
            epoch=1,
            seed=1,
            questions=1,
            started_at=NOW,
            deadline=NOW.replace(hour=9),
            closes_at=NOW.replace(hour=10),
        )
        session.add(attempt)
        session.flush()
        attempt.state, attempt.submitted_at, attempt.submitted_by = "submitted", NOW, "learner"
        session.flush()
        session.add(ScoreRow(attempt_id=attempt.id, score=score, max_score=100, passed=True, sheet=[], graded_at=NOW))
        session.flush()
        attempt.state = "graded"


def doubt(person_id: UUID) -> None:
    """Nobody vouches for the person any more."""
    with unit_of_work() as session:
        session.execute(update(PersonRow).where(PersonRow.id == person_id).values(identity_level="declared"))


def of_class(person_id: UUID, training: Class) -> queries.Certificate | None:
    with reading() as session:
        return queries.of_class(session, person_id, training.id)


def test_who_passed_unconfirmed_gets_the_certificate_with_the_confirmation(
    learner: UUID, training: Class, make_person: MakePerson, land: Land
) -> None:
    doubt(learner)
    pass_exam(learner, training)
    with unit_of_work():
        attempt_graded.send(None, event=graded(learner, training, passed=True))
    assert of_class(learner, training) is None
    with reading() as session:
        evidence = queries.evidence(session, learner, training.id, exam_passed=True)
    assert not evidence.learner.identity_confirmed
    by = Staff(make_person("管理员"), (land.province.path,))
    assert identity.confirm(learner, by=by, reason="查验身份证", now=NOW)
    found = of_class(learner, training)
    assert found is not None and found.facts.result == "合格（86分）"
    assert not identity.confirm(learner, by=by, reason="再点一次", now=NOW)


def test_a_confirmation_alone_earns_nothing(
    make_learner: MakePerson, training: Class, make_person: MakePerson, land: Land
) -> None:
    passed_but_lazy, never_sat = make_learner("甲", done=1), make_learner("乙")
    by = Staff(make_person("管理员"), (land.province.path,))
    pass_exam(passed_but_lazy, training)
    for one in (passed_but_lazy, never_sat):
        doubt(one)
        identity.confirm(one, by=by, reason="查验", now=NOW)
        assert of_class(one, training) is None


def test_two_accounts_that_are_joined_earn_together(
    make_learner: MakePerson, training: Class, make_person: MakePerson, land: Land
) -> None:
    studied, sat = make_learner("甲"), make_learner("甲", done=0)
    pass_exam(sat, training, score=77)
    by = Staff(make_person("管理员"), (land.province.path,))
    join_by_two(studied, sat, by=by, reason="同一人", now=NOW)
    found = of_class(studied, training)
    assert found is not None and found.person_id == studied and "77" in found.facts.result
