"""From an item to labelled values that `labelled.build` reads back."""

from string import ascii_uppercase

from lms.questionbank.domain.exchange import (
    ONE_POINT,
    TRUE_TEXT,
    ExchangeItem,
    Kind,
    TextFormat,
    even_fractions,
    right_choices,
)
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.domain.formats.cellwords import alternatives_text, pair_text, parts_text
from lms.questionbank.domain.formats.labels import (
    ANSWER,
    CASE_SENSITIVE,
    FEEDBACK,
    GENERAL,
    NO_SHUFFLE,
    STEM,
    WEIGHTS,
    Labelled,
)
from lms.questionbank.domain.formats.outcome import Refused


def labelled(item: ExchangeItem, *, is_child: bool = False) -> Labelled:
    """The values of the item, its sub-items left out; empty values too, in the order in which they are read best.

    Raises Refused for what labels cannot say.
    """
    if item.pictures:
        raise Refused("不能带图片")
    if is_child and item.category:
        raise Refused("的小题不能有自己的分类")
    if any(blank.case_sensitive != item.blanks[0].case_sensitive for blank in item.blanks):
        raise Refused("的各空只能同样区分大小写")
    settings = []
    if not item.shuffle:
        settings.append(NO_SHUFFLE)
    if item.blanks and item.blanks[0].case_sensitive:
        settings.append(CASE_SENSITIVE)
    answer, weights = _answer(item)
    values = {
        STEM: item.stem,
        ANSWER: answer,
        GENERAL: item.feedback,
        "依据": item.source,
        "知识点": item.knowledge_point,
        "难度": str(item.difficulty or ""),
        "情境": "是" if item.situational else "否",
        "失效": item.void_rule,
        "有效期至": item.valid_until.isoformat() if item.valid_until else "",
        "名称": item.title,
        "分类": item.category,
        "格式": "" if item.format is TextFormat.PLAIN else item.format.value,
        WEIGHTS: weights,
        "分值": "" if item.points == ONE_POINT else shown(item.points),
        "罚分": "" if item.penalty is None else shown(item.penalty),
        "标签": parts_text(item.tags),
        "设置": parts_text(settings),
    }
    return Labelled(item.kind, item.ref, is_child, values | _feedback(item), _options(item))


def _answer(item: ExchangeItem) -> tuple[str, str]:
    """The answer, and the fractions when the letters alone do not say them."""
    match item.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            fractions = tuple(choice.fraction for choice in item.choices)
            right = right_choices(item)
            letters = "".join(letter for letter, is_right in zip(ascii_uppercase, right, strict=False) if is_right)
            usual = even_fractions(item.kind, right) == fractions and (len(letters) > 1) is (item.kind is Kind.MULTIPLE)
            return letters, "" if usual else parts_text(map(shown, fractions))
        case Kind.TRUE_FALSE:
            return next(choice.text for choice in item.choices if choice.fraction > 0), ""
        case Kind.FILL_IN:
            return "\n".join(alternatives_text(blank.answers) for blank in item.blanks), ""
    return item.reference, ""


def _options(item: ExchangeItem) -> list[tuple[str, str]]:
    if item.kind is Kind.TRUE_FALSE:
        return []
    texts = [choice.text for choice in item.choices] + [pair_text(pair) for pair in item.pairs]
    if len(texts) > len(ascii_uppercase):
        raise Refused(f"最多能写 {len(ascii_uppercase)} 个选项或配对")
    return list(zip(ascii_uppercase, texts, strict=False))


def _feedback(item: ExchangeItem) -> dict[str, str]:
    if item.kind is Kind.TRUE_FALSE:
        said = {("正确" if choice.text == TRUE_TEXT else "错误"): choice.feedback for choice in item.choices}
    elif item.kind is Kind.FILL_IN:
        said = {
            f"{number}.{place}": answer.feedback
            for number, blank in enumerate(item.blanks, start=1)
            for place, answer in enumerate(blank.answers, start=1)
        }
    else:
        said = {letter: choice.feedback for letter, choice in zip(ascii_uppercase, item.choices, strict=False)}
    return {f"{FEEDBACK}{place}": text for place, text in said.items() if text}
