"""The text of a demonstration lecture becomes slides and captions."""

import itertools

import pytest
from hypothesis import given, strategies as st

from lms.questionbank.domain.captions import captions, spoken_ms
from lms.questionbank.domain.lecturetext import Slide, parse_lecture

LECTURE = """# 示范课
【幻灯片】劳动关系从哪天建立
- 自用工之日起建立
- 签合同早晚不改变起点
讲稿：
劳动关系自用工之日起建立。
合同签得早或晚，都不改变这一天。

【幻灯片】没有合同怎样认定
- 受单位的劳动管理
讲稿：没有书面合同，看管理和报酬。
"""


def test_slides_are_read() -> None:
    result = parse_lecture(LECTURE)

    assert result.problems == ()
    assert result.slides == (
        Slide(
            "劳动关系从哪天建立",
            ("自用工之日起建立", "签合同早晚不改变起点"),
            ("劳动关系自用工之日起建立。", "合同签得早或晚，都不改变这一天。"),
        ),
        Slide("没有合同怎样认定", ("受单位的劳动管理",), ("没有书面合同，看管理和报酬。",)),
    )


PROBLEMS = {
    "text before the first slide": ("# 示范课", "示范课", "第 1 行，幻灯片"),
    "a slide without a title": ("劳动关系从哪天建立", "", "第 2 行，标题：没有填写"),
    "too long a bullet": ("自用工之日起建立\n", "长" * 23 + "\n", "第 3 行，要点：有 23 个字"),
    "an empty bullet": ("- 自用工之日起建立\n", "-\n", "第 3 行，要点：有 0 个字"),
    "five bullets": ("讲稿：\n", "- 三\n- 四\n- 五\n讲稿：\n", "第 7 行，要点：一张幻灯片最多 4 条"),
    "no bullets": ("- 受单位的劳动管理\n", "", "第 9 行，要点：没有填写"),
    "text that is neither": ("- 受单位的劳动管理", "受单位的劳动管理", "第 10 行，要点：标题之后写"),
    "too long a sentence": ("劳动关系自用工之日起建立。", "长" * 35, "第 6 行，讲稿：一句有 35 个字"),
    "no speech": ("讲稿：没有书面合同，看管理和报酬。\n", "", "第 9 行，讲稿：没有填写"),
}


@pytest.mark.parametrize("case", PROBLEMS)
def test_names_line_and_field_of(case: str) -> None:
    old, new, expected = PROBLEMS[case]

    problems = parse_lecture(LECTURE.replace(old, new, 1)).problems

    assert any(problem.message.startswith(expected) for problem in problems), problems


@given(st.text() | st.lists(st.sampled_from(LECTURE.splitlines()) | st.text(max_size=10)).map("\n".join))
def test_any_text_gives_a_result(text: str) -> None:
    result = parse_lecture(text)

    assert all(slide.title and slide.bullets and slide.speech for slide in result.slides) or result.problems


def test_captions_last_as_long_as_their_sentences_are() -> None:
    slides = parse_lecture(LECTURE).slides

    cues = captions(slides, total_ms=43_000)

    assert [(cue.start_ms, cue.end_ms, cue.slide) for cue in cues] == [
        (0, 13_000, 0),
        (13_000, 29_000, 0),
        (29_000, 43_000, 1),
    ]
    assert spoken_ms(slides) == round(43 / 4.5 * 1000)
    assert captions(slides)[-1].end_ms == spoken_ms(slides)


SPEECH = st.lists(st.text(min_size=1, max_size=34), min_size=1, max_size=12).map(tuple)
SLIDES = st.lists(st.builds(Slide, st.just("标题"), st.just(("要点",)), SPEECH), min_size=1, max_size=6)


@given(SLIDES, st.integers(72, 7_200_000))
def test_captions_follow_each_other_without_gaps(slides: list[Slide], total_ms: int) -> None:
    cues = captions(slides, total_ms=total_ms)

    assert [cue.text for cue in cues] == [sentence for slide in slides for sentence in slide.speech]
    assert cues[0].start_ms == 0
    assert cues[-1].end_ms == total_ms
    assert all(earlier.end_ms == later.start_ms for earlier, later in itertools.pairwise(cues))
    assert all(cue.start_ms < cue.end_ms for cue in cues)


def test_no_speech_has_no_captions() -> None:
    assert captions(()) == ()


def test_a_time_too_short_for_its_captions_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        captions(parse_lecture(LECTURE).slides, total_ms=2)
