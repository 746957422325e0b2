"""From labelled values to an item, or to all that is wrong with them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from lms.questionbank.domain.exchange import (
    FULL,
    ONE_POINT,
    Accepted,
    Blank,
    Choice,
    ExchangeItem,
    Kind,
    Number,
    TextFormat,
    category_path,
    even_fractions,
    neat,
    one_line,
    reference_code,
    right_choices,
    true_false,
)
from lms.questionbank.domain.formats.amounts import fraction_of, number_of
from lms.questionbank.domain.formats.cellwords import alternatives_of, pair_of, parts_of
from lms.questionbank.domain.formats.labels import (
    ANSWER,
    CASE_SENSITIVE,
    FALSE_WORDS,
    FEEDBACK,
    GENERAL,
    NO_SHUFFLE,
    STEM,
    TRUE_WORDS,
    WEIGHTS,
    Labelled,
)
from lms.questionbank.domain.formats.metatags import day_of, with_tags
from lms.questionbank.domain.formats.outcome import Refused
from lms.questionbank.domain.plaintext import narrow

_SEPARATORS = re.compile(r"[\s,，、;；/]")
_LETTERS = re.compile(r"[A-Z]+")
_INLINE = re.compile(r"[（(]\s*([A-Za-zＡ-Ｚａ-ｚ\s,，、]{1,30}|√|×|✓|✗|对|错|正确|错误)\s*[)）]")
_BLANK_MARK = re.compile(r"_{2,}|＿+|[（(][\s　_]*[)）]")
_DIFFICULTY = {"易": 1, "容易": 1, "简单": 1, "中": 2, "中等": 2, "一般": 2, "难": 3, "困难": 3}
_EMPTY_BRACKETS = "（　）"


def build(given: Labelled) -> ExchangeItem:
    """The item. Raises Refused with everything that is wrong."""
    return _Builder(given).item()


class _Builder:
    """Reads one value after the other and gathers what is wrong."""

    def __init__(self, given: Labelled) -> None:
        self.values = dict(given.values)
        self.options = given.options
        self.given = given
        self.wrong: list[str] = []

    def item(self) -> ExchangeItem:
        self._take_inline_answer()
        kind = self.given.kind or self._kind()
        settings = set(parts_of(self.values.get("设置", "")))
        for name in sorted(settings - {CASE_SENSITIVE, NO_SHUFFLE}):
            self.wrong.append(f"设置：不认识“{name[:20]}”，只能写 {NO_SHUFFLE} 或 {CASE_SENSITIVE}")
        item = ExchangeItem(
            kind,
            neat(self.values.get(STEM, "")),
            self._format(),
            ref=reference_code(self.given.ref),
            title=one_line(self.values.get("名称", "")),
            category=category_path(self.values.get("分类", "")),
            feedback=neat(self.values.get(GENERAL, "")),
            difficulty=self._difficulty(),
            valid_until=self._day(),
            situational=self._yes_no("情境"),
            points=self._number("分值") or self._zero("分值"),
            penalty=self._number("罚分"),
            shuffle=NO_SHUFFLE not in settings,
            knowledge_point=one_line(self.values.get("知识点", "")),
            source=one_line(self.values.get("依据", "")),
            void_rule=one_line(self.values.get("失效", "")),
        )
        item = with_tags(item, parts_of(self.values.get("标签", "")))
        try:
            item = self._by_kind(kind, item, case_sensitive=CASE_SENSITIVE in settings)
        except Refused as refusal:
            self.wrong.append(str(refusal))
        if self.wrong:
            raise Refused("；".join(self.wrong))
        return item

    def _by_kind(self, kind: Kind, item: ExchangeItem, *, case_sensitive: bool) -> ExchangeItem:
        if kind not in (Kind.SINGLE, Kind.MULTIPLE, Kind.MATCHING) and self.options and kind is not Kind.TRUE_FALSE:
            raise Refused("这种题不写选项")
        match kind:
            case Kind.SINGLE | Kind.MULTIPLE:
                return replace(item, choices=self._choices(kind))
            case Kind.TRUE_FALSE:
                return replace(item, choices=self._true_false())
            case Kind.FILL_IN:
                return replace(item, blanks=self._blanks(item.stem, case_sensitive))
            case Kind.MATCHING:
                return replace(item, pairs=tuple(pair_of(neat(text)) for _, text in self._ordered()))
            case Kind.SHORT_ANSWER:
                return replace(item, reference=neat(self.values.get(ANSWER, "")))
        return item

    def _take_inline_answer(self) -> None:
        """An answer in brackets in the stem, （ABD） or （√）, when none is written apart."""
        if self.values.get(ANSWER) or self.given.kind not in (None, Kind.SINGLE, Kind.MULTIPLE, Kind.TRUE_FALSE):
            return
        stem = self.values.get(STEM, "")
        letters = {letter for letter, _ in self.options}
        for match in reversed(list(_INLINE.finditer(stem))):
            answer = _SEPARATORS.sub("", narrow(match[1])).upper()
            if (self.options and answer and set(answer) <= letters) or (
                not self.options and answer in {"√", "×", "✓", "✗", "对", "错", "正确", "错误"}
            ):
                before, after = stem[: match.start()], stem[match.end() :]
                brackets = _EMPTY_BRACKETS if self.options or neat(after.rstrip("。.")) else ""
                self.values |= {ANSWER: answer, STEM: before + brackets + after}
                return

    def _kind(self) -> Kind:
        answer = _SEPARATORS.sub("", narrow(self.values.get(ANSWER, ""))).upper()
        if self.options and all("=>" in text or "→" in text for _, text in self.options) and not answer:
            return Kind.MATCHING
        if self.options and answer not in TRUE_WORDS - {"T", "Y"} | FALSE_WORDS - {"F", "N", "X"}:
            return Kind.SINGLE if len(answer) == 1 else Kind.MULTIPLE
        if answer in TRUE_WORDS | FALSE_WORDS:
            return Kind.TRUE_FALSE
        return Kind.FILL_IN if _BLANK_MARK.search(self.values.get(STEM, "")) else Kind.SHORT_ANSWER

    def _ordered(self) -> Sequence[tuple[str, str]]:
        letters = "".join(letter for letter, _ in self.options)
        wanted = "".join(chr(ord("A") + place) for place in range(len(self.options)))
        if letters != wanted:
            raise Refused(f"选项的字母是 {letters[:30]}，按顺序应是 {wanted[:30]}")
        return self.options

    def _choices(self, kind: Kind) -> tuple[Choice, ...]:
        options = self._ordered()
        answer = _SEPARATORS.sub("", narrow(self.values.get(ANSWER, ""))).upper()
        letters = {letter for letter, _ in options}
        if not answer:
            raise Refused("答案：没有填写")
        if not _LETTERS.fullmatch(answer) or not set(answer) <= letters:
            raise Refused(f"答案：“{answer[:20]}”不是本题的选项字母")
        if len(set(answer)) < len(answer):
            raise Refused("答案：字母重复")
        right = tuple(letter in answer for letter, _ in options)
        fractions = even_fractions(kind, right)
        if self.values.get(WEIGHTS):
            fractions = self._fractions(len(options))
            weighed = tuple(Choice(text, fraction) for (_, text), fraction in zip(options, fractions, strict=True))
            if right_choices(ExchangeItem(kind, "", choices=weighed)) != right:
                raise Refused("得分：与答案不一致；单选得分最高的、多选得正分的选项就是答案")
        elif kind is Kind.SINGLE and len(answer) > 1:
            raise Refused("答案：单选题只有一个答案")
        elif kind is Kind.MULTIPLE and len(answer) < 2:
            raise Refused("答案：多选题至少有两个答案")
        return tuple(
            Choice(neat(text), fraction, self._feedback(letter))
            for (letter, text), fraction in zip(options, fractions, strict=True)
        )

    def _fractions(self, count: int) -> tuple[Decimal, ...]:
        found = [fraction_of(part.removesuffix("%")) for part in parts_of(self.values[WEIGHTS])]
        known = tuple(fraction for fraction in found if fraction is not None)
        if len(known) != count or len(found) != count:
            raise Refused(f"得分：要按选项的顺序写 {count} 个 -100 到 100 的数，用“；”隔开")
        return known

    def _true_false(self) -> tuple[Choice, Choice]:
        answer = _SEPARATORS.sub("", narrow(self.values.get(ANSWER, ""))).upper()
        texts = {letter: one_line(text) for letter, text in self.options}
        word = texts.get(answer, answer)
        if self.options and not set(texts.values()) <= TRUE_WORDS | FALSE_WORDS:
            raise Refused("判断题不写选项，答案写 正确 或 错误")
        if word not in TRUE_WORDS | FALSE_WORDS:
            raise Refused("答案：判断题的答案只能写 正确 或 错误" if word else "答案：没有填写")
        return true_false(word in TRUE_WORDS, when_true=self._feedback("正确"), when_false=self._feedback("错误"))

    def _blanks(self, stem: str, case_sensitive: bool) -> tuple[Blank, ...]:
        answer = self.values.get(ANSWER, "")
        lines = [line for line in neat(answer).split("\n") if line.strip()]
        if len(lines) == 1 and len(parts := list(_unescaped_parts(lines[0]))) == len(_BLANK_MARK.findall(stem)) > 1:
            lines = parts
        if not lines:
            raise Refused("答案：没有填写")
        blanks = []
        for number, line in enumerate(lines, start=1):
            answers = tuple(
                self._with_feedback(one, f"{number}.{place}")
                for place, one in enumerate(alternatives_of(line), start=1)
            )
            blanks.append(Blank(answers, case_sensitive))
        return tuple(blanks)

    def _with_feedback(self, answer: Accepted | Number, place: str) -> Accepted | Number:
        return replace(answer, feedback=self._feedback(place))

    def _feedback(self, place: str) -> str:
        return neat(self.values.get(f"{FEEDBACK}{place}", ""))

    def _format(self) -> TextFormat:
        typed = self.values.get("格式", "").strip().lower()
        known = {"": TextFormat.PLAIN, "纯文本": TextFormat.PLAIN} | {format.value: format for format in TextFormat}
        if typed not in known:
            self.wrong.append(f"格式：“{typed[:20]}”只能写 plain、html 或 markdown")
        return known.get(typed, TextFormat.PLAIN)

    def _difficulty(self) -> int | None:
        typed = narrow(self.values.get("难度", "")).strip()
        if not typed or typed in _DIFFICULTY:
            return _DIFFICULTY.get(typed)
        if typed in set("12345"):
            return int(typed)
        self.wrong.append("难度：只能写 1 到 5，或易（1）、中（2）、难（3）")
        return None

    def _day(self) -> date | None:
        typed = narrow(self.values.get("有效期至", "")).strip().replace("/", "-")
        day = day_of(typed)
        if typed and day is None:
            self.wrong.append("有效期至：要写成 2027-12-31")
        return day

    def _yes_no(self, label: str) -> bool:
        typed = self.values.get(label, "").strip()
        if typed not in {"", "是", "否"}:
            self.wrong.append(f"{label}：只能写 是 或 否")
        return typed == "是"

    def _number(self, label: str) -> Decimal | None:
        typed = self.values.get(label, "").strip()
        value = number_of(typed) if typed else None
        if typed and value is None:
            self.wrong.append(f"{label}：“{typed[:20]}”不是数")
        return value

    def _zero(self, label: str) -> Decimal:
        return FULL - FULL if self.values.get(label, "").strip() else ONE_POINT


def _unescaped_parts(line: str) -> Sequence[str]:
    """The parts between ； with what is escaped in them still escaped."""
    return [part.strip() for part in re.findall(r"(?:\\.|[^\\；;]|\\$)+", line) if part.strip()]
