"""Pictures in the editor: one that is sent goes in at its place, ticked ones go out, and the bytes of one as the browser asks for them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from flask import request
from flask_babel import gettext as _

from lms.infra.db import reading
from lms.questionbank import queries
from lms.questionbank.domain import marks, pictures as content
from lms.questionbank.domain.exchange import ExchangeItem, Kind, Picture
from lms.questionbank.domain.formats.soundness import BOUNDS
from lms.questionbank.domain.showable import texts_of
from lms.questionbank.domain.typed import CHOICES, MOST_ROWS, Typed
from lms.questionbank.forms import ItemForm
from lms.questionbank.queries import VersionOfItem
from lms.questionbank.staff_views import shown
from lms.questionbank.staff_views.blueprint import bp
from lms.web import guards, pictures

LONGEST_ALT = 300


@bp.get("/banks/<string(maxlength=36):bank_code>/items/<uuid:version_id>/pictures/<int(max=99):number>")
@guards.requires(*shown.READERS)
def item_picture(bank_code: str, version_id: UUID, number: int) -> Any:
    """A picture of a version, for whom the version's page opens."""
    with reading() as session:
        found = shown.opened(session, version_id, bank_code).version
        data = queries.picture(session, version_id, found.item.pictures, number)
    return pictures.answer(data, content.media_type(data))


@dataclass(frozen=True)
class Held:
    """A picture of a stored version; `mark` shows it in a text, `used` when one does."""

    name: str
    shown: pictures.Shown
    alt: str
    mark: str
    used: bool


def held(version: VersionOfItem | None) -> list[Held]:
    """The pictures of a stored version, as the editor lists them."""
    if version is None:
        return []
    said = {run.name: run.alt for text in texts_of(version.item) for run in marks.runs(text) if run.name}
    return [
        Held(name, one, said.get(name, ""), marks.picture_mark(said.get(name) or _("说明"), name), name in said)
        for name, one in shown.addresses(version).items()
    ]


def wanted() -> bool:
    """Whether the button was pressed that takes a picture in."""
    return bool(request.form.get("insert"))


def places(kind: Kind, options: int, questions: int) -> list[tuple[str, str]]:
    """Where a picture may go, and what the place is called."""
    listed = [("stem", _("题干"))]
    if kind in CHOICES:
        listed += [
            (f"option-{n}", _("选项 %(letter)s", letter=ascii_uppercase[n])) for n in range(min(options, MOST_ROWS))
        ]
    if kind is Kind.CASE:
        listed += [(f"question-{n}", _("小题 %(number)s 的问题", number=n + 1)) for n in range(questions)]
    return [*listed, ("feedback", _("解析"))]


def with_pictures(form: ItemForm, typed: Typed, before: ExchangeItem | None) -> tuple[Typed, ExchangeItem | None]:
    """What was typed with the picture that was sent at its place, and the item before with it and without those that were ticked.

    What is wrong with the picture stands in the form then.
    """
    dropped = set(request.form.getlist("drop"))
    if before is not None and dropped:
        before = replace(before, pictures=tuple(one for one in before.pictures if one.name not in dropped))
    if not wanted():
        return typed, before
    base = before or ExchangeItem(typed.kind, "")
    found = _sent(form)
    alt = form.picture_alt.data or ""
    if not alt:
        form.show({"picture_alt": _("请用文字说明图中的内容，看不见图的学员靠它答题")})
    elif len(alt) > LONGEST_ALT:
        form.show({"picture_alt": _("说明最多 %(most)s 个字", most=LONGEST_ALT)})
    if len(base.pictures) >= BOUNDS.pictures:
        form.show({"picture": _("一道题最多 %(most)s 张图片", most=BOUNDS.pictures)})
    if found is None or form.errors:
        return typed, before
    name = _name(base.pictures, found.kind)
    picture = Picture(name, found.content)
    there = _placed(typed, form.picture_place.data or "stem", marks.picture_mark(alt, name))
    return there, replace(base, pictures=(*base.pictures, picture))


def _sent(form: ItemForm) -> content.Seen | None:
    file = request.files.get("picture")
    data = file.read(BOUNDS.picture_bytes + 1) if file else b""
    found = content.seen(data) if 0 < len(data) <= BOUNDS.picture_bytes else None
    if not data:
        form.show({"picture": _("请选择图片文件")})
    elif len(data) > BOUNDS.picture_bytes:
        form.show({"picture": _("图片超过 1 MB，请缩小后再插入")})
    elif found is None:
        form.show({"picture": _("只接受 PNG、JPEG、GIF 和 WebP 图片，这个文件不是其中之一、已损坏或尺寸过大")})
    return found


def _name(held: Sequence[Picture], kind: str) -> str:
    """A name that is free; the file's own says where it came from, or what the answer is."""
    taken = {one.name.rsplit(".", 1)[0] for one in held}
    number = next(n for n in range(1, len(taken) + 2) if f"picture-{n}" not in taken)
    return f"picture-{number}.{kind}"


def _placed(typed: Typed, place: str, mark: str) -> Typed:
    where, _hyphen, number = place.partition("-")
    at = int(number) if number.isdecimal() and len(number) < 4 else -1
    if where == "feedback":
        return replace(typed, feedback=_joined(typed.feedback, mark))
    if where == "option" and 0 <= at < MOST_ROWS and typed.kind in CHOICES:
        rows = [*typed.options, *[("", False)] * (at + 1 - len(typed.options))]
        rows[at] = _joined(rows[at][0], mark), rows[at][1]
        return replace(typed, options=tuple(rows))
    if where == "question" and 0 <= at < len(typed.parts):
        parts = list(typed.parts)
        parts[at] = _joined(parts[at][0], mark), parts[at][1]
        return replace(typed, parts=tuple(parts))
    return replace(typed, stem=_joined(typed.stem, mark))


def _joined(text: str, mark: str) -> str:
    return f"{text.rstrip()}\n{mark}" if text.strip() else mark
