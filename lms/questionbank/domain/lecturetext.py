"""The text of a demonstration lecture: slides with a title, a few bullets, and the sentences that are spoken."""

import re
from dataclasses import dataclass, field

from lms.questionbank.domain.items import ItemProblem, problem
from lms.questionbank.domain.limits import LIMITS, Limits
from lms.questionbank.domain.plaintext import lines

_SLIDE = re.compile(r"^[【\[［]\s*幻灯片\s*[】\]］]\s*[:：]?\s*(.*)$")
_BULLET = re.compile(r"^[-－–—·•]\s*(.*)$")
_SPEECH = re.compile(r"^讲稿\s*[:：]\s*(.*)$")


@dataclass(frozen=True)
class Slide:
    """What is shown (title, bullets) and what is said meanwhile, one sentence a caption."""

    title: str
    bullets: tuple[str, ...]
    speech: tuple[str, ...]


@dataclass(frozen=True)
class LectureResult:
    """The slides in order, and the problems."""

    slides: tuple[Slide, ...]
    problems: tuple[ItemProblem, ...]


@dataclass
class _Draft:
    line: int
    title: str
    bullets: list[str] = field(default_factory=list)
    speech: list[str] = field(default_factory=list)
    speaking: bool = False


def parse_lecture(text: str, limits: Limits = LIMITS) -> LectureResult:
    """Reads lecture.txt; never raises, a slide with a problem is still given as far as it could be read."""
    if len(text) > limits.max_text:
        return LectureResult((), (problem(1, "全文", f"超过 {limits.max_text} 个字符"),))
    drafts: list[_Draft] = []
    problems: list[ItemProblem] = []
    for number, line in enumerate(lines(text), start=1):
        if not line or line.startswith("#"):
            continue
        slide = _SLIDE.match(line)
        if slide:
            if len(drafts) == limits.max_slides:
                problems.append(problem(number, "幻灯片", f"超过 {limits.max_slides} 张"))
                break
            drafts.append(_Draft(number, slide[1]))
        elif drafts:
            problems += _add(drafts[-1], number, line, limits)
        else:
            problems.append(problem(number, "幻灯片", "第一行要写【幻灯片】和标题"))
    for draft in drafts:
        problems += [
            problem(draft.line, name, "没有填写")
            for name, value in (("标题", draft.title), ("要点", draft.bullets), ("讲稿", draft.speech))
            if not value
        ]
    problems.sort(key=lambda one: one.line)
    slides = tuple(Slide(draft.title, tuple(draft.bullets), tuple(draft.speech)) for draft in drafts)
    return LectureResult(slides, tuple(problems[: limits.max_problems]))


def _add(draft: _Draft, number: int, line: str, limits: Limits) -> list[ItemProblem]:
    speech = _SPEECH.match(line)
    bullet = None if draft.speaking else _BULLET.match(line)
    if speech:
        draft.speaking = True
        return _sentence(draft, number, speech[1], limits) if speech[1] else []
    if draft.speaking:
        return _sentence(draft, number, line, limits)
    if bullet is None:
        return [problem(number, "要点", "标题之后写“- 要点”，然后另起一行写“讲稿：”")]
    draft.bullets.append(bullet[1])
    if len(draft.bullets) > limits.max_bullets:
        return [problem(number, "要点", f"一张幻灯片最多 {limits.max_bullets} 条")]
    if not 1 <= len(bullet[1]) <= limits.max_bullet:
        return [problem(number, "要点", f"有 {len(bullet[1])} 个字，应有 1 到 {limits.max_bullet} 个字")]
    return []


def _sentence(draft: _Draft, number: int, text: str, limits: Limits) -> list[ItemProblem]:
    draft.speech.append(text)
    if len(text) > limits.max_sentence:
        return [problem(number, "讲稿", f"一句有 {len(text)} 个字，最多 {limits.max_sentence} 个字")]
    return []
