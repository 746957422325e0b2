"""Timed captions of a lecture: each sentence stays on the screen in proportion to its length."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lms.questionbank.domain.lecturetext import Slide

CHARACTERS_PER_SECOND = 4.5


@dataclass(frozen=True)
class Cue:
    """One caption, [start_ms, end_ms) of media time, and the slide (from 0) that is shown meanwhile."""

    start_ms: int
    end_ms: int
    text: str
    slide: int


def spoken_ms(slides: Iterable[Slide], characters_per_second: float = CHARACTERS_PER_SECOND) -> int:
    """How long the speech takes at that pace, in milliseconds; punctuation counts as the pause it is."""
    characters = sum(len(sentence) for slide in slides for sentence in slide.speech)
    return round(characters * 1000 / characters_per_second)


def captions(slides: Sequence[Slide], *, total_ms: int | None = None) -> tuple[Cue, ...]:
    """The cues without gaps from 0 to `total_ms` (by default the spoken time); ValueError when that is less than 1 ms a cue."""
    sentences = [(index, sentence) for index, slide in enumerate(slides) for sentence in slide.speech if sentence]
    total = spoken_ms(slides) if total_ms is None else total_ms
    if total < len(sentences):
        raise ValueError(f"{total} ms are too short for {len(sentences)} captions")
    characters = sum(len(sentence) for _, sentence in sentences)
    cues: list[Cue] = []
    start, said = 0, 0
    for left, (index, sentence) in zip(range(len(sentences) - 1, -1, -1), sentences, strict=True):
        said += len(sentence)
        end = min(max(total * said // characters, start + 1), total - left)
        cues.append(Cue(start, end, sentence, index))
        start = end
    return tuple(cues)
