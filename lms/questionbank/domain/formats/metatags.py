"""What a bank knows of an item beyond the question, written as tags: 难度:3, 知识点:集体协商 …"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

from lms.questionbank.domain.exchange import ONE_POINT, ExchangeItem, neat, one_line
from lms.questionbank.domain.formats.amounts import number_of, shown

_NO_SHUFFLE, _CASE_SENSITIVE, _SITUATIONAL = "不打乱选项", "区分大小写", "情境题"


def tags_of(item: ExchangeItem, *, without: Iterable[str] = ()) -> tuple[str, ...]:
    """The tags that say all of the item's notes, but those that the format has a place of its own for; then the author's own."""
    noted = {
        "知识点": item.knowledge_point,
        "难度": str(item.difficulty or ""),
        "依据": item.source,
        "失效": item.void_rule,
        "有效期至": item.valid_until.isoformat() if item.valid_until else "",
        "分值": "" if item.points == ONE_POINT else shown(item.points),
        "罚分": "" if item.penalty is None else shown(item.penalty),
        "参考答案": item.reference,
    }
    flags = {
        _SITUATIONAL: item.situational,
        _NO_SHUFFLE: not item.shuffle,
        _CASE_SENSITIVE: any(blank.case_sensitive for blank in item.blanks),
    }
    left_out = frozenset(without)
    return (
        *(f"{key}:{value}" for key, value in noted.items() if value and key not in left_out),
        *(flag for flag, is_set in flags.items() if is_set and flag not in left_out),
        *item.tags,
    )


def with_tags(item: ExchangeItem, tags: Iterable[str]) -> ExchangeItem:
    """The item with the notes that the tags say; a tag that says none of them is kept as it is."""
    changes: dict[str, object] = {}
    kept: list[str] = []
    for tag in tags:
        text = neat(tag)
        change = _change(item, text)
        if change is None:
            kept.append(one_line(text))
        else:
            changes |= change
    own = tuple(dict.fromkeys((*item.tags, *filter(None, kept))))
    return replace(item, **changes, tags=own)  # type: ignore[arg-type]  # the table below names fields of the item


def _change(item: ExchangeItem, tag: str) -> Mapping[str, object] | None:
    if tag == _SITUATIONAL:
        return {"situational": True}
    if tag == _NO_SHUFFLE:
        return {"shuffle": False}
    if tag == _CASE_SENSITIVE:
        return {"blanks": tuple(replace(blank, case_sensitive=True) for blank in item.blanks)}
    key, colon, value = tag.partition(":")
    value = value.strip()
    if not colon or not value:
        return None
    if key in _TEXTS:
        return {_TEXTS[key]: one_line(value)}
    if key == "参考答案":
        return {"reference": value}
    if key == "难度" and value.isascii() and value.isdigit() and len(value) == 1:
        return {"difficulty": int(value)}
    if key == "有效期至":
        day = day_of(value)
        return None if day is None else {"valid_until": day}
    number = number_of(value) if key in _NUMBERS else None
    return None if number is None else {_NUMBERS[key]: number}


def day_of(text: str) -> date | None:
    """A day written 2027-01-31, None when it is none."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


_TEXTS = {"知识点": "knowledge_point", "依据": "source", "失效": "void_rule"}
_NUMBERS = {"分值": "points", "罚分": "penalty"}
