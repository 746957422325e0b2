"""Which articles the laws have and what each governs, so that every citation of a bank can be checked."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from lms.questionbank.domain.citations import LawCitation
from lms.questionbank.domain.numerals import chinese


@dataclass(frozen=True)
class Article:
    """What an article governs in a few words, and for each of its 款 the number of its 项 (0 = none)."""

    governs: str
    items: tuple[int, ...]


@dataclass(frozen=True)
class Law:
    """One law in one version; without articles its text is not at hand and only its name can be checked."""

    name: str
    short_names: tuple[str, ...]
    version: date | None
    articles: Mapping[int, Article]


@dataclass(frozen=True)
class SourceIndex:
    """All laws by every name they are cited by."""

    laws: Mapping[str, Law]

    def law(self, name: str) -> Law | None:
        """The law of that full or short name, with or without 中华人民共和国."""
        return self.laws.get(name) or self.laws.get(name.removeprefix("中华人民共和国"))

    def governs(self, citation: LawCitation) -> str | None:
        """What the cited article governs, or None when the index does not have it."""
        law = self.law(citation.law)
        article = law.articles.get(citation.article) if law and citation.branch is None else None
        return article.governs if article else None

    def fault(self, citation: LawCitation) -> str | None:
        """What is wrong with the citation as a Chinese sentence, or None."""
        law = self.law(citation.law)
        if law is None:
            return f"《{citation.law}》不在 sources 的法律清单里"
        if not law.articles:
            return None
        article = law.articles.get(citation.article) if citation.branch is None else None
        if article is None:
            return f"《{law.name}》没有这一条，最后一条是第{chinese(max(law.articles))}条"
        return _fault_inside(citation, article)


def read_index(texts: Iterable[str]) -> SourceIndex:
    """The index from the texts of question_banks/sources/*.toml; ValueError or KeyError names what is malformed."""
    laws: dict[str, Law] = {}
    for text in texts:
        data = tomllib.loads(text)
        for law in [_law(data)] if "articles" in data else [_law(entry) for entry in data["laws"]]:
            for name in {law.name, law.name.removeprefix("中华人民共和国"), *law.short_names}:
                if name in laws:
                    raise ValueError(f"two laws are called {name}")
                laws[name] = law
    return SourceIndex(laws)


def _law(data: Mapping[str, object]) -> Law:
    articles = data.get("articles", {})
    short_names = data.get("short_names", [])
    version = data.get("version")
    if not isinstance(articles, dict) or not isinstance(short_names, list):
        raise ValueError(f"articles and short_names of {data['name']} have the wrong shape")
    return Law(
        str(data["name"]),
        tuple(str(name) for name in short_names),
        version if isinstance(version, date) else None,
        {int(number): Article(entry["governs"], tuple(entry["items"])) for number, entry in articles.items()},
    )


def _fault_inside(citation: LawCitation, article: Article) -> str | None:
    where = f"《{citation.law}》第{chinese(citation.article)}条"
    paragraphs = len(article.items)
    if citation.paragraph is not None and citation.paragraph > paragraphs:
        return f"{where}只有 {paragraphs} 款，引用了第{chinese(citation.paragraph)}款"
    if citation.point is None:
        return None
    if citation.paragraph is None and paragraphs > 1:
        return f"{where}有 {paragraphs} 款，引用到项时要写明是哪一款"
    points = article.items[(citation.paragraph or 1) - 1]
    if citation.point > points:
        return f"{where}这一款只有 {points} 项，引用了第{chinese(citation.point)}项"
    return None
