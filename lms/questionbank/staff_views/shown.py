"""What the pages of question banks share: the bank within reach, and an item as people read it."""

from dataclasses import dataclass

from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy.orm import Session

from lms.access import service as access
from lms.kernel.permissions import Permission
from lms.questionbank import queries
from lms.questionbank.domain.exchange import Accepted, Blank, ExchangeItem, Kind, Number, TextFormat, right_choices
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.forms import TYPE_LABELS
from lms.web import login, richtext

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class ShownItem:
    """An item for the eye: texts are safe to print, options are (letter, text, right), answers are lines."""

    type: str
    title: str
    stem: Markup | str
    options: tuple[tuple[str, Markup | str, bool], ...]
    answers: tuple[str, ...]
    explanation: Markup | str
    notes: tuple[str, ...]
    children: tuple["ShownItem", ...]


def scopes() -> tuple[str, ...]:
    """Where the banks of this person lie."""
    return access.scopes_for(login.current(), Permission.ITEM_AUTHOR)


def reached(session: Session, code: str) -> queries.Bank:
    """A bank within reach. Raises NotFound."""
    return queries.bank(session, code, scopes())


def of(item: ExchangeItem) -> ShownItem:
    """An item as pages show it; its HTML has passed the sanitiser."""
    return ShownItem(
        type=str(TYPE_LABELS[item.kind.value]),
        title=item.title or item.ref,
        stem=_text(item.stem, item.format),
        options=tuple(
            (letter, _text(choice.text, item.format), right)
            for letter, choice, right in zip(LETTERS, item.choices, right_choices(item), strict=False)
        ),
        answers=_answers(item),
        explanation=_text(item.feedback, item.format),
        notes=tuple(_notes(item)),
        children=tuple(map(of, item.children)),
    )


def _text(text: str, format: TextFormat) -> Markup | str:
    return Markup(richtext.clean(text)) if format is TextFormat.HTML else text  # noqa: S704  # cleaned


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
