"""Sets of media time: half-open spans [start, end) in whole milliseconds, sorted, apart from each other, never empty."""

from collections.abc import Iterable

Span = tuple[int, int]


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The time that the spans cover. Empty and reversed spans cover nothing; spans that touch become one."""
    spans = tuple(spans)
    if not spans:
        return spans
    if len(spans) == 1:  # what most beats claim, and most people have watched
        return spans if spans[0][0] < spans[0][1] else ()
    return close_gaps(spans, 0)


def close_gaps(spans: Iterable[Span], ms: int = 1000) -> tuple[Span, ...]:
    """The union of the spans, with every gap of at most `ms` between two of them filled."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if joined and start - joined[-1][1] <= ms:
            joined[-1] = joined[-1][0], max(joined[-1][1], end)
        else:
            joined.append((start, end))
    return tuple(joined)


def subtract(minuend: Iterable[Span], subtrahend: Iterable[Span]) -> tuple[Span, ...]:
    """The time that `minuend` covers and `subtrahend` does not."""
    holes = union(subtrahend)
    if not holes:
        return union(minuend)
    left: list[Span] = []
    first = 0
    for start, end in union(minuend):
        while first < len(holes) and holes[first][1] <= start:
            first += 1
        following = first
        while following < len(holes) and holes[following][0] < end:
            hole_start, hole_end = holes[following]
            if start < hole_start:
                left.append((start, hole_start))
            start = max(start, hole_end)
            following += 1
        if start < end:
            left.append((start, end))
    return tuple(left)


def length(spans: Iterable[Span]) -> int:
    """How many milliseconds the spans cover together, each counted once."""
    return sum(end - start for start, end in union(spans))
