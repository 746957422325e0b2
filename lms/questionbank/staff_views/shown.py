"""What the pages of question banks share: the bank within reach, and an item as people read it."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from string import ascii_uppercase
from uuid import UUID

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.infra.db import unit_of_work
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.permissions import Permission
from lms.organisations import queries as organisations
from lms.questionbank import queries, service
from lms.questionbank.domain.conversion import to_columns
from lms.questionbank.domain.exchange import Accepted, Blank, ExchangeItem, Kind, Number, TextFormat, right_choices
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.domain.items import Option
from lms.questionbank.domain.markedtext import from_html
from lms.questionbank.events import keys_opening
from lms.questionbank.forms import TYPE_LABELS
from lms.web import login, pictures


@dataclass(frozen=True)
class ShownItem:
    """An item for the eye: texts are marked text with `pictures` by their names, options are (letter, text, right), answers are lines."""

    type: str
    title: str
    stem: str
    options: tuple[tuple[str, str, bool], ...]
    answers: tuple[str, ...]
    explanation: str
    notes: tuple[str, ...]
    children: tuple["ShownItem", ...]
    pictures: Mapping[str, pictures.Shown]


@dataclass(frozen=True)
class Asked:
    """An item as a learner is asked it, in the shape that templates/exams/question.html draws; no key is in it."""

    position: int
    type: str
    stem: str
    options: tuple[Option, ...]
    prompts: tuple[str, ...]
    places: int
    pictures: Mapping[str, pictures.Shown]


READERS = (
    Permission.ITEM_AUTHOR,
    Permission.REVIEW_PROVINCE,
    Permission.REVIEW_NATIONAL,
    Permission.CONTENT_WITHDRAW,
)
"""Who may look at one item: those who write items, those who decide on them and those who stop what is published."""


def addresses(version: queries.VersionOfItem | None) -> dict[str, pictures.Shown]:
    """Where the pictures of a stored version are, by their names."""
    if version is None:
        return {}
    listed = pictures.by_number(
        version.item.pictures,
        "questionbank_staff.item_picture",
        bank_code=version.bank_code,
        version_id=version.id,
    )
    return {one.name: listed[str(number)] for number, one in enumerate(version.item.pictures, start=1)}


def asked(item: ExchangeItem, version: queries.VersionOfItem | None) -> Asked:
    """The item as a learner sees it, options in the author's order; its pictures are those of a stored version."""
    options = to_columns(item).options
    prompts: tuple[str, ...] = ()
    places = 1
    if item.kind is Kind.MATCHING:
        options = tuple(Option(str(n), text) for n, text in enumerate(dict.fromkeys(p.answer for p in item.pairs), 1))
        prompts = tuple(pair.prompt for pair in item.pairs if pair.prompt)
        places = len(prompts)
    elif item.kind is Kind.FILL_IN:
        places = len(item.blanks)
    elif item.kind is Kind.CASE:
        prompts = tuple(child.stem for child in item.children)
        places = max(1, len(prompts))
    return Asked(1, item.kind.value, to_columns(item).stem, options, prompts, places, addresses(version))


def readable(session: Session, code: str) -> queries.Bank:
    """A bank that this person writes for, reviews or keeps. Raises NotFound, and what speaks against seeing its keys."""
    for permission in READERS:
        reach = access.scopes_for(login.current(), permission)
        for bank in queries.banks(session, reach, code=code, counted=False, limit=1):
            return _opened(session, bank)
    raise NotFound


@dataclass(frozen=True)
class Opened:
    """A version that somebody opened, its bank, and what happened to its item."""

    bank: queries.Bank
    version: queries.VersionOfItem
    events: tuple[queries.Event, ...]

    def shows(self, version: queries.VersionOfItem) -> bool:
        """Whether the same person also reads this version of the item."""
        return service.open_to(version, self.events, login.current(), self.bank.unit_path)


def opened(session: Session, version_id: UUID, code: str | None = None) -> Opened:
    """A version, of the bank `code`, that this person reads. Raises NotFound, and what speaks against seeing its keys."""
    found = queries.version(session, version_id, code)
    opened = Opened(readable(session, found.bank_code), found, queries.events(session, found.item_id))
    if not opened.shows(found):
        raise NotFound
    return opened


def versions(session: Session, opened: Opened) -> tuple[queries.VersionOfItem, ...]:
    """The versions of the item that this person reads, the newest first."""
    return tuple(filter(opened.shows, queries.versions(session, opened.version.item_id)))


def scopes() -> tuple[str, ...]:
    """Where the banks of this person lie."""
    return access.scopes_for(login.current(), Permission.ITEM_AUTHOR)


def reached(session: Session, code: str) -> queries.Bank:
    """A bank within reach. Raises NotFound, and what speaks against seeing its keys."""
    return _opened(session, queries.bank(session, code, scopes()))


@contextmanager
def writing(code: str) -> Iterator[queries.Bank]:
    """A bank within reach, which nobody takes over while it is written to: the caller's services join its unit of work.

    Raises what `reached` does.
    """
    with unit_of_work() as session:
        held = queries.unit_id(session, code)
        if held is not None:
            organisations.held_unit(session, held)
        yield reached(session, code)


def _opened(session: Session, bank: queries.Bank) -> queries.Bank:
    person_id = login.current().person_id
    keys_opening.send(None, session=session, bank_code=bank.code, person_id=person_id, at=clock.now())
    return bank


def of(item: ExchangeItem, version: queries.VersionOfItem | None = None) -> ShownItem:
    """An item as pages show it; its pictures are those of a stored version."""
    text = from_html if item.format is TextFormat.HTML else str
    return ShownItem(
        type=str(TYPE_LABELS[item.kind.value]),
        title=item.title or item.ref,
        stem=text(item.stem),
        options=tuple(
            (letter, text(choice.text), right)
            for letter, choice, right in zip(ascii_uppercase, item.choices, right_choices(item), strict=False)
        ),
        answers=_answers(item),
        explanation=text(item.feedback),
        notes=tuple(_notes(item)),
        children=tuple(of(child, version) for child in item.children),
        pictures=addresses(version),
    )


def _answers(item: ExchangeItem) -> tuple[str, ...]:
    if item.kind is Kind.FILL_IN:
        return tuple(
            _("第 %(number)s 空：%(texts)s", number=number, texts=_blank(blank))
            for number, blank in enumerate(item.blanks, start=1)
        )
    if item.kind is Kind.MATCHING:
        return tuple(f"{pair.prompt or '—'} → {pair.answer}" for pair in item.pairs)
    return (item.reference,) if item.reference else ()


def _blank(blank: Blank) -> str:
    return " | ".join(_typed(answer) for answer in blank.answers if answer.fraction > 0)


def _typed(answer: Accepted | Number) -> str:
    if isinstance(answer, Accepted):
        return answer.text
    return f"{shown(answer.value)} ± {shown(answer.tolerance)}" if answer.tolerance else shown(answer.value)


def _notes(item: ExchangeItem) -> list[str]:
    notes = []
    if item.knowledge_point:
        notes.append(_("知识点：%(text)s", text=item.knowledge_point))
    if item.difficulty:
        notes.append(_("难度：%(level)s", level=item.difficulty))
    if item.source:
        notes.append(_("依据：%(text)s", text=item.source))
    if item.valid_until:
        notes.append(_("有效期至 %(day)s", day=item.valid_until.isoformat()))
    if item.pictures:
        notes.append(_("图片 %(count)s 张", count=len(item.pictures)))
    return notes


def crumbs(bank: queries.Bank, here: str, *, listed: bool = True) -> list[tuple[str, str | None]]:
    """The way to a page of a bank; without links for whom the bank's own page does not open."""
    return [
        (_("题库"), url_for("questionbank_staff.bank_list") if listed else None),
        (bank.title, url_for("questionbank_staff.bank_page", bank_code=bank.code) if listed else None),
        (here, None),
    ]
