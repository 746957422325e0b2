"""What a bank has to reach: every number that the checker holds the rules of the craft to."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Thresholds:
    """Counts are items, shares are between 0 and 1, lengths are characters."""

    min_items: int = 40
    min_single: int = 14
    min_multiple: int = 10
    min_true_false: int = 10
    min_practice: int = 5
    options: tuple[int, int] = (4, 5)
    right_of_multiple: tuple[int, int] = (2, 4)
    max_share_of_one_right_count: float = 0.75
    significance: float = 0.05
    truth_tolerance: float = 0.1
    difficulty_share: tuple[float, float] = (0.25, 0.42)
    min_case_share: float = 0.30
    near_duplicate: float = 0.33
    leak_length: int = 8
    option_ratio: float = 3.0
    option_difference: int = 14
    explanation_sentences: tuple[int, int] = (2, 4)
    min_absolute_words: int = 3
    slides: tuple[int, int] = (8, 10)
    lecture_seconds: tuple[int, int] = (60, 90)
    outline_points: tuple[int, int] = (8, 12)


THRESHOLDS = Thresholds()
