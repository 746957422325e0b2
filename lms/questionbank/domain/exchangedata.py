"""An item as plain data and back, so that a draft keeps everything that its file said."""

import base64
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

from lms.questionbank.domain.exchange import (
    Accepted,
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    Pair,
    Picture,
    TextFormat,
)

_PLAIN = ("stem", "ref", "title", "category", "reference", "feedback", "difficulty", "knowledge_point", "source")
_PLAIN_TOO = ("void_rule", "situational", "shuffle")


def to_data(item: ExchangeItem, *, bytes_elsewhere: bool = False) -> dict[str, Any]:
    """Plain data of the item; what has its usual value is left out. With `bytes_elsewhere` pictures are named, not held."""
    usual = {field.name: field.default for field in fields(ExchangeItem)}
    data: dict[str, Any] = {"kind": item.kind.value, "stem": item.stem}
    for name in (*_PLAIN[1:], *_PLAIN_TOO):
        if getattr(item, name) != usual[name]:
            data[name] = getattr(item, name)
    if item.format is not TextFormat.PLAIN:
        data["format"] = item.format.value
    lists = {
        "choices": [[one.text, str(one.fraction), one.feedback] for one in item.choices],
        "blanks": [[blank.case_sensitive, [_answer(one) for one in blank.answers]] for blank in item.blanks],
        "pairs": [[one.prompt, one.answer] for one in item.pairs],
        "children": [to_data(one, bytes_elsewhere=bytes_elsewhere) for one in item.children],
        "tags": list(item.tags),
        "pictures": [
            [one.name, "", one.digest, *one.size]
            if bytes_elsewhere
            else [one.name, base64.b64encode(one.data).decode()]
            for one in item.pictures
        ],
        "points": str(item.points) if item.points != usual["points"] else "",
        "penalty": "" if item.penalty is None else str(item.penalty),
        "valid_until": item.valid_until.isoformat() if item.valid_until else "",
    }
    return data | {name: value for name, value in lists.items() if value}


def from_data(data: Mapping[str, Any]) -> ExchangeItem:
    """The item of what `to_data` gave."""
    penalty, day = data.get("penalty"), data.get("valid_until")
    return ExchangeItem(
        Kind(data["kind"]),
        format=TextFormat(data.get("format", TextFormat.PLAIN.value)),
        choices=tuple(Choice(text, Decimal(fraction), said) for text, fraction, said in data.get("choices", ())),
        blanks=tuple(Blank(tuple(map(_answer_of, answers)), exact) for exact, answers in data.get("blanks", ())),
        pairs=tuple(Pair(*pair) for pair in data.get("pairs", ())),
        children=tuple(from_data(child) for child in data.get("children", ())),
        tags=tuple(data.get("tags", ())),
        pictures=tuple(map(_picture_of, data.get("pictures", ()))),
        points=Decimal(data.get("points", 1)),
        penalty=Decimal(penalty) if penalty else None,
        valid_until=date.fromisoformat(day) if day else None,
        **{name: data[name] for name in (*_PLAIN, *_PLAIN_TOO) if name in data},
    )


def _picture_of(data: list[Any]) -> Picture:
    if len(data) == 2:
        return Picture(data[0], base64.b64decode(data[1]))
    name, _bytes, digest, width, height = data
    return Picture(name, digest=digest, size=(width, height))


def _answer(answer: Accepted | Number) -> list[str]:
    rest = [str(answer.fraction), answer.feedback]
    return [answer.text, *rest] if isinstance(answer, Accepted) else [str(answer.value), str(answer.tolerance), *rest]


def _answer_of(data: list[str]) -> Accepted | Number:
    *said, fraction, feedback = data
    if len(said) == 1:
        return Accepted(said[0], Decimal(fraction), feedback)
    return Number(Decimal(said[0]), Decimal(said[1]), Decimal(fraction), feedback)
