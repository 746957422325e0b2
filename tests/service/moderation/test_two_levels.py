"""A lecture goes from its author through the province and the nation to learners, or back with a reason. R1, R2, requirements 37-45."""

from datetime import timedelta

import pytest

from lms.catalogue import queries as catalogue, service as authoring
from lms.infra.db import reading
from lms.kernel.errors import Invalid, NotFound
from lms.moderation import queries, service
from lms.moderation.domain.workflow import Level, State, TransitionRefused
from tests.factories.content import approval, approve, hand_in, make_draft, send_back
from tests.factories.people import NOW, Staff

LATER = NOW + timedelta(days=1)


def state_of(revision_id) -> State:  # type: ignore[no-untyped-def]
    with reading() as session:
        return queries.revision(session, revision_id).state


def test_two_approvals_by_different_people_publish_and_every_step_is_recorded(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    assert state_of(revision_id) is State.PROVINCE_REVIEW
    assert approve(revision_id, Level.PROVINCE, staff.province_reviewer) is State.NATIONAL_REVIEW
    assert approve(revision_id, Level.NATIONAL, staff.national_reviewer, now=LATER) is State.PUBLISHED
    with reading() as session:
        history = queries.history(session, revision_id)
        first, second = queries.reviews(session, revision_id)
        submission = queries.last_submission(session, revision_id)
    assert [change.new for change in history] == [
        State.SUBMITTED,
        State.PROVINCE_REVIEW,
        State.NATIONAL_REVIEW,
        State.APPROVED,
        State.PUBLISHED,
    ]
    assert [change.actor_name for change in history] == ["许老师", "", "省审员", "全国审员", "全国审员"]
    assert (first.level, first.reviewer_name, first.credit_hours) == (Level.PROVINCE, "省审员", None)
    assert (second.level, second.reviewer_name, second.credit_hours) == (Level.NATIONAL, "全国审员", 400)
    assert second.decided_at == LATER
    assert submission is not None
    assert submission.round == 1


def test_a_returned_lecture_is_mended_and_needs_both_levels_again(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    assert send_back(revision_id, Level.PROVINCE, staff.province_reviewer, "第二题答案有误") is State.RETURNED
    with reading() as session:
        before = catalogue.lecture_version(session, revision_id)
        assert queries.history(session, revision_id)[-1].comment == "第二题答案有误"
    authoring.edit_lecture(
        revision_id, make_draft(before.asset_id, title="试用期（修订）"), author=staff.uploader, now=LATER
    )
    assert state_of(revision_id) is State.DRAFT
    authoring.submit(revision_id, author=staff.uploader, now=LATER)
    with reading() as session:
        submission = queries.last_submission(session, revision_id)
        assert submission is not None
        assert submission.round == 2
        assert queries.deciders(session, submission.id) == {}
        assert catalogue.lecture_version(session, revision_id).content_hash != before.content_hash
    assert approve(revision_id, Level.PROVINCE, staff.province_reviewer) is State.NATIONAL_REVIEW
    assert approve(revision_id, Level.NATIONAL, staff.national_reviewer) is State.PUBLISHED


def test_a_national_return_does_not_keep_the_provinces_approval(staff: Staff) -> None:
    revision_id = hand_in(staff.uploader)
    approve(revision_id, Level.PROVINCE, staff.province_reviewer)
    send_back(revision_id, Level.NATIONAL, staff.national_reviewer, "请补充字幕")
    authoring.submit(revision_id, author=staff.uploader, now=LATER)
    assert state_of(revision_id) is State.PROVINCE_REVIEW
    with pytest.raises(NotFound):
        approve(revision_id, Level.NATIONAL, staff.national_reviewer)


def test_declined_and_retracted_are_final(staff: Staff) -> None:
    declined = hand_in(staff.uploader)
    decision = approval(declined, Level.PROVINCE, decision="decline", comment="不属于工会培训内容")
    assert (
        authoring.decide(declined, Level.PROVINCE, decision, reviewer=staff.province_reviewer, now=NOW)
        is State.DECLINED
    )
    retracted = hand_in(staff.uploader)
    service.retract(retracted, author_id=staff.uploader.person_id, now=NOW)
    for revision_id, refused in ((declined, TransitionRefused), (retracted, NotFound)):
        with pytest.raises(TransitionRefused):
            authoring.submit(revision_id, author=staff.uploader, now=LATER)
        with pytest.raises(refused):
            approve(revision_id, Level.PROVINCE, staff.province_reviewer)


@pytest.mark.parametrize(
    ("level", "changes", "field"),
    [
        (Level.PROVINCE, {"decision": "return", "comment": " "}, "comment"),
        (Level.PROVINCE, {"decision": "decline", "comment": ""}, "comment"),
        (Level.PROVINCE, {"decision": "publish"}, "decision"),
        (Level.PROVINCE, {"findings": {"political": True}}, "findings"),
        (Level.NATIONAL, {"credit_hours": None}, "credit_hours"),
        (Level.NATIONAL, {"credit_hours": 0}, "credit_hours"),
    ],
    ids=[
        "return_without_reason",
        "decline_without_reason",
        "no_such_decision",
        "principle_missed",
        "no_hours",
        "zero_hours",
    ],
)
def test_an_incomplete_decision_names_its_field_and_changes_nothing(
    staff: Staff, level: Level, changes: dict[str, object], field: str
) -> None:
    revision_id = hand_in(staff.uploader)
    reviewer = staff.province_reviewer
    if level is Level.NATIONAL:
        approve(revision_id, Level.PROVINCE, reviewer)
        reviewer = staff.national_reviewer
    before = state_of(revision_id)
    with pytest.raises(Invalid) as refusal:
        authoring.decide(revision_id, level, approval(revision_id, level, **changes), reviewer=reviewer, now=NOW)
    assert list(refusal.value.fields) == [field]
    assert state_of(revision_id) is before


def test_the_queue_shows_what_waits_at_ones_level_within_ones_scope_the_oldest_first(staff: Staff) -> None:
    newer = hand_in(staff.uploader, now=LATER, title="后提交")
    older = hand_in(staff.uploader, now=NOW, title="先提交")
    land = staff.land

    def queue(state: State, scope: str, reviewer_id) -> list[object]:  # type: ignore[no-untyped-def]
        with reading() as session:
            return [one.revision_id for one in queries.queue(session, state, [scope], but_not=reviewer_id)]

    mine = staff.province_reviewer.person_id
    assert queue(State.PROVINCE_REVIEW, land.province.path, mine) == [older, newer]
    assert queue(State.PROVINCE_REVIEW, land.other_province.path, mine) == []
    assert queue(State.NATIONAL_REVIEW, land.national.path, mine) == []
    assert queue(State.PROVINCE_REVIEW, land.national.path, staff.uploader.person_id) == []
    approve(older, Level.PROVINCE, staff.province_reviewer)
    assert queue(State.NATIONAL_REVIEW, land.national.path, mine) == [older]
    with reading() as session:
        (decided,) = queries.decided_by(session, mine, [land.province.path])
        assert queries.decided_by(session, mine, [land.other_province.path]) == ()
    assert (decided.revision_id, decided.decision, decided.state) == (older, "approve", State.NATIONAL_REVIEW)
