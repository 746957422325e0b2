"""When an item enters the book of wrong answers, and when it leaves. A mistake puts it in; two right answers in a row take it out."""

from hypothesis import given, strategies as st

from lms.practice.domain.standing import LEAVES_AFTER, Standing, after

ANSWERS = st.lists(st.booleans(), max_size=40)


def walked(answers: list[bool]) -> Standing:
    standing = Standing()
    for right in answers:
        standing = after(standing, right=right)
    return standing


@given(ANSWERS)
def test_an_item_is_in_the_book_exactly_until_two_right_answers_follow_the_last_mistake(answers: list[bool]) -> None:
    since = len(answers) - answers[::-1].index(False) if False in answers else None
    expected = since is not None and len(answers) - since < LEAVES_AFTER
    assert walked(answers).in_book is expected


@given(ANSWERS)
def test_every_answer_is_counted_once(answers: list[bool]) -> None:
    standing = walked(answers)
    assert (standing.right, standing.wrong) == (answers.count(True), answers.count(False))
    assert 0 <= standing.right_in_row <= standing.right


def test_what_left_by_hand_stays_out_until_the_next_mistake() -> None:
    out = Standing(right=0, wrong=1, right_in_row=0, in_book=False)
    assert not after(out, right=True).in_book
    assert after(out, right=False).in_book
