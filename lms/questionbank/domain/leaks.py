"""Items that answer one another: the right option of one, word for word, in the stem of another on the same article."""

from collections.abc import Iterator, Sequence

from lms.questionbank.domain.citations import LawCitation
from lms.questionbank.domain.items import Item, ItemType
from lms.questionbank.domain.similarity import bare


def leaks(items: Sequence[Item], shortest: int) -> Iterator[tuple[int, int]]:
    """Positions (telling, answered): the first item's stem holds a right option of the second, of at least `shortest` characters."""
    stems = [bare(item.stem) for item in items]
    articles = [_articles(item) for item in items]
    for answered, item in enumerate(items):
        if item.type is ItemType.TRUE_FALSE:
            continue
        right = [text for text in (bare(option.text) for option in item.right_options) if len(text) >= shortest]
        for telling, stem in enumerate(stems):
            related = telling != answered and not articles[telling].isdisjoint(articles[answered])
            if related and any(text in stem for text in right):
                yield telling, answered


def _articles(item: Item) -> set[tuple[str, int]]:
    return {(source.law, source.article) for source in item.sources if isinstance(source, LawCitation)}
