"""Finds what may be somebody's mobile or ID number in a free text, where it would be kept in clear."""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from operator import itemgetter

from lms.kernel.errors import N_, Invalid

NO_NUMBERS = N_("请不要在说明中填写号码")
NO_NUMBERS_HERE = N_("此项不能填写手机号码或身份证号")
NO_ID_NUMBER_HERE = N_("此项不能填写身份证号")
DIGITS = 11
"""A mobile number has as many; an ID number has more."""
HIDDEN = "***"
NO_ID_NUMBERS = N_("文字中有身份证号，请删去；举例请写成“张某”“某职工”")
_RUN = re.compile(  # digits, and between them whatever is no letter; an ID number may end with an X
    r"([0-9](?:[\W_]*[0-9])*)(?:[\W_]{0,12}X)?", re.IGNORECASE
)
_DAY = (  # in two or three parts, in eight digits, or a month in six, or a year
    r"(?:(?:19|20)[0-9]{2}[-./][0-9]{1,2}(?:[-./][0-9]{1,2})?"
    r"|(?:19|20)[0-9]{2}(?:(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])?)?)(?![0-9])"
)
_TIME = r"[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?"
_PLACE = r"(?:[0-9]{1,2}(?:[.、)][\W_]?|[^\w:]{1,2}))"  # of a day in a list
_LISTED = r"(?:[0-9]{1,2}[.、)][\W_]?)"  # of a time in a list
_BEHIND_DAYS = r"(?:(?!:)[\W_]{1,3}(?:[0-9]{1,3}|[1-9][0-9]{3}))?"  # how many hours, or which room
_DAYS = re.compile(  # (?> and ++: read in one way only
    rf"(?>{_PLACE}?{_DAY}|{_LISTED}?{_TIME})"
    rf"(?>(?!:)[\W_]{{1,5}}+(?>{_PLACE}?{_DAY}|[0-9]{{1,2}}[-./][0-9]{{1,2}}(?!:)|{_LISTED}?{_TIME}))*{_BEHIND_DAYS}"
)
_SHORT_DAY = r"(?:0?[1-9]|1[0-2])[-./](?:0[1-9]|[12][0-9]|3[01])(?![0-9])"
_SHORT_DAYS = re.compile(  # 11/27 8:30-11:30 11/28; what stands between days is not what stands within one
    rf"{_SHORT_DAY}(?>[\s、,;~\u2013\u2014]{{1,3}}+(?>{_SHORT_DAY}|{_TIME}(?>[-~\u2013\u2014]{_TIME})?))*{_BEHIND_DAYS}"
)
_SMALL = r"[0-9]{1,3}(?:\.[0-9]{1,2})?%?"
_SMALLS = rf"{_SMALL}(?:[-~\u2013\u2014]{_SMALL})?"  # and from one to another
_FEW = re.compile(  # 第1、3、5、12题; 分机8001、8002、8003; 内线 601 602 603 604
    rf"{_SMALLS}(?:[、,;][^\S\n]?{_SMALLS})+"
    r"|[1-9][0-9]{3}(?:[、,;][^\S\n]?[1-9][0-9]{3})+|[1-9][0-9]{2}(?:[^\S\n][1-9][0-9]{2})+"
)
_GAP = r"[\W_]{0,12}"  # as people group digits: spaces, dashes, points, strokes, marks of bold type, an indented line
_SIGN, _IN_LINE = r"[\W_]{0,3}", r"(?:[^\w\n]|_){0,3}"
_YEAR, _MONTH, _DATE = r"(?:19[0-9]|20[0-2])[0-9]", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12][0-9]|3[01])"  # none to come
_PROVINCES = ("1[1-5]", "2[1-3]", "3[1-7]", "4[1-6]", "5[0-4]", "6[1-5]", "71", "8[12]")
_PROVINCE = f"(?:{'|'.join(_PROVINCES)})"
_BIRTH = rf"{_YEAR}{_MONTH}{_DATE}"
_REST = rf"{_BIRTH}{_GAP}[0-9]{{3}}[0-9X]"
_IN_PARTS = (
    # solid, whatever digits stand beside it
    re.compile(rf"([1-8][0-9]{{5}}{_REST})", re.IGNORECASE),
    # in its three parts, another digit at most beside it, and also many such in a row: not all, for each may begin its own
    re.compile(rf"(?<![0-9]{{2}})(?=((?:[1-8][0-9]{{5}}[\W_]{{1,12}}{_REST}){{1,99}}))", re.IGNORECASE),
    # the day of birth written as a day, in one line: amounts of a ledger stand around days too
    re.compile(
        rf"(?<![0-9])([1-8][0-9]{{5}}{_IN_LINE}{_YEAR}([-./ _]){_MONTH}\2{_DATE}{_IN_LINE}[0-9]{{3}}[0-9X])"
        r"(?![0-9]|\.[0-9]|,[0-9]{3}(?![0-9]))",
        re.IGNORECASE,
    ),
    # of fifteen digits, as cards had it until 1999; from it follows the number of today
    re.compile(rf"(?<![0-9])({_PROVINCE}[0-9]{{4}}{_SIGN}[0-9]{{2}}{_MONTH}{_DATE}{_SIGN}[0-9]{{3}})(?![0-9])"),
    re.compile(
        rf"(?<![0-9])(?<![0-9][.,])({_PROVINCE}[0-9]{{4}}{_IN_LINE}[0-9]{{2}}([-./ _]){_MONTH}\2{_DATE}{_IN_LINE}[0-9]{{3}})"
        r"(?![0-9]|[.,][0-9])"
    ),
)
_AT_WORK = "2011"
"""Days since then are days of ledgers, receipts and timetables rather than of birth."""
_DAY_BEFORE = re.compile(rf"{_BIRTH}[\W_]{{1,3}}\Z")


def _province(gap: str) -> str:
    return f"(?:{'|'.join(one[0] + gap + one[1:] for one in _PROVINCES)})"


def _month_and_date(gap: str) -> str:
    return rf"(?:0{gap}[1-9]|1{gap}[0-2]){gap}(?:0{gap}[1-9]|[12]{gap}[0-9]|3{gap}[01])"


# As one reads it aloud, bolds it or ticks it off; see _grouped. What stands between days and times, or in amounts of money,
# changes from one to the next.
_GROUPED = (
    re.compile(
        rf"(?<![0-9])(?=([1-8](?:{_GAP}[0-9]){{5}}"  # region
        rf"{_GAP}(?:1{_GAP}9{_GAP}[0-9]|2{_GAP}0{_GAP}[0-2]){_GAP}[0-9]"  # year of birth
        rf"{_GAP}{_month_and_date(_GAP)}(?:{_GAP}[0-9]){{3}}{_GAP}[0-9X])(?![0-9]))",
        re.IGNORECASE,
    ),
    re.compile(  # the old one
        rf"(?<![0-9])(?=({_province(_SIGN)}(?:{_SIGN}[0-9]){{6}}{_SIGN}{_month_and_date(_SIGN)}(?:{_SIGN}[0-9]){{3}})(?![0-9]))"
    ),
)
_YEAR_BEFORE_WORK = rf"(?:1{_GAP}9{_GAP}[0-9]{_GAP}[0-9]|2{_GAP}0{_GAP}(?:0{_GAP}[0-9]|1{_GAP}0))"
_COUNTED = "元块万亿分角台张件个人户套份名次辆箱吨斤页期号楼室岁"
_BEGUN = re.compile(  # all but the last two signs, and perhaps one of these: see _begun
    rf"(?<![0-9])(?=({_province(_GAP)}(?:{_GAP}[0-9]){{4}}{_GAP}{_YEAR_BEFORE_WORK}{_GAP}{_month_and_date(_GAP)}"
    rf"(?:{_GAP}[0-9]){{2}})({_GAP}[0-9])?)"
)
_OWN_REST = {  # of its own, set apart: no row that goes on
    1: re.compile(r"[0-9X](?![0-9])", re.IGNORECASE),
    2: re.compile(r"[0-9][0-9X](?![0-9])", re.IGNORECASE),
}
_AMOUNT_BEFORE = re.compile(r"(?<=[0-9])[.,]\Z")
_AMOUNT_BEHIND = re.compile(rf"\s?[{_COUNTED}]|\.[0-9]|,[0-9]{{3}}(?![0-9])")
_SIGNS = re.compile(r"[\W_]+")
_FAR = 13  # the widest gap and the digit before it
_BEFORE, _BEHIND = re.compile(r"(?<=[0-9])([\W_]{1,12})\Z"), re.compile(r"([\W_]{1,12})(?=[0-9])")
_TODAY = 18
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_ENDS = frozenset({2, 3, 4, 6, 8, 10, 12, 13, 14, 15, 16, 17})
"""After how many digits a group may end: region, year, month and day of birth, and what is told apart of the serial number."""
_LIKE_X = str.maketrans(dict.fromkeys("×✕✖✗✘⨯☓❌╳ХхΧχ", "X"))
_BLANK = str.maketrans(  # "letters" that show as nothing, or as a dash, and what not every program takes for a blank
    {"\u115f": " ", "\u1160": " ", "\ufeff": " ", "\u30fc": "-"}
)
_HAN_DIGITS = (
    "〇○◯零", "一壹壱弌幺〡", "二贰貳弍弐〢", "三叁參叄弎〣", "四肆亖〤",
    "五伍〥", "六陆陸〦", "七柒〧", "八捌〨", "九玖〩",
)  # fmt: skip
_HAN = str.maketrans({sign: str(digit) for digit, signs in enumerate(_HAN_DIGITS) for sign in signs})
_ANY_HAN = "".join(_HAN_DIGITS)
_HAN_RUN = (
    re.compile(  # as many as a number has, grouped as one; fewer are years and amounts, a list (一、二、三) is no group
        rf"(?<![0-9])[0-9]*[{_ANY_HAN}](?:\s{{0,12}}(?:[·._~\-\u2010-\u2015\u2212]\s{{0,12}})?[0-9{_ANY_HAN}]){{10,}}"
    )
)
_ROW = re.compile(rf"[0-9{_ANY_HAN}](?:[\W_]*[0-9X{_ANY_HAN}])*", re.IGNORECASE)
_HAN_FOUR = re.compile(rf"[{_ANY_HAN}]{{4}}")  # a single one before digits ends a name: 张三110105…
_WIDE_GAP = re.compile(r"(?<=[0-9])[^\S\n]{3,}(?=[0-9])")  # a column of a table
_DIGIT = re.compile(rf"[\d{_ANY_HAN}]")  # of every script
_RARE = re.compile(  # what may be a number in one sign: ², ①, ㉑, 🄀
    "[^\x00-\x7f\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff01-\uff5e]"
)
_MOST_IN_A_SIGN = 3  # ⅒ is written 1⁄10
ID_DIGITS = 15
"""As many has the shortest, an old one."""
BEGUN_DIGITS = 16
"""As many has one of which two signs are still to be typed."""
_CELL = re.compile(r"</?(?:td|th|tr|li|p|div|br|h[1-6])\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_ZEROS, _NO_SIGN = re.compile(r"&#0+(?=[0-9])"), re.compile(r"&#[0-9]{8,};?")
"""What no sign has for its number, of which thousands of digits would be an error."""


def tells_a_number(text: str) -> bool:
    """Whether a free text holds what may be a mobile or ID number.

    Also one in other digits or with any signs between them. Days (2026-11-27, 20261127), months, years and times are none, nor
    are lists of small numbers (第1、3、5、12题). Of marked-up text also what shows once tags are gone.
    """
    return any(next(_numbers(_plain(form)), None) is not None for form in _forms(text))


def tells_an_id_number(text: str) -> bool:
    """Whether a long text, which may hold numbers of all sorts, holds what is written like an ID number, mistyped ones too.

    Of marked-up text also what shows once tags are gone and entities are what they stand for.
    """
    return any(map(_holds_an_id_number, _forms(text)))


def _forms(text: str) -> Iterator[str]:
    """A text as it is written, and as it shows where tags and entities may stand in it."""
    if text:
        yield text
    if "<" in text or "&" in text:
        yield _bare(text)


def _bare(text: str) -> str:
    shown = _TAG.sub("", _CELL.sub("|", text))
    return html.unescape(_NO_SIGN.sub("\ufffd", _ZEROS.sub("&#", shown)))


def _holds_an_id_number(text: str) -> bool:
    return _may_hold(text, ID_DIGITS) and next(_id_numbers(_plain(text)), None) is not None


def _may_hold(text: str, digits: int) -> bool:
    """False for most texts, which are then not looked at sign by sign: answers are saved often."""
    return len(_DIGIT.findall(text)) + _MOST_IN_A_SIGN * len(_RARE.findall(text)) >= digits


def _numbers(plain: str) -> Iterator[tuple[int, int]]:
    """Where what may be a mobile or ID number stands in a plain form; places may overlap."""
    for run in _RUN.finditer(plain):
        if (found := _number(run)) is not None:
            yield found
    yield from _ids_in_numerals(plain)


def _id_numbers(plain: str) -> Iterator[tuple[int, int]]:
    """Where ID numbers stand in a plain form; in no order, and places may overlap."""
    yield from _ids_in_digits(plain)
    yield from _ids_in_numerals(plain)


def _ids_in_numerals(plain: str) -> Iterator[tuple[int, int]]:
    """ID numbers in Chinese numerals of whatever grouping; of other numbers in them, few are anybody's (一、二、三)."""
    if (read := plain.translate(_HAN)) != plain:
        yield from _ids_in_digits(read)


def _ids_in_digits(plain: str) -> Iterator[tuple[int, int]]:
    for pattern in _IN_PARTS:
        for found in pattern.finditer(plain):
            if _somebodys(plain, *found.span(1)):
                yield found.span(1)
    for pattern in _GROUPED:
        for found in pattern.finditer(plain):
            if _grouped(plain, *found.span(1)) and _somebodys(plain, *found.span(1)):
                yield found.span(1)


def _somebodys(plain: str, start: int, stop: int) -> bool:
    """Whether what is written as an ID number is one: in parts, and with the day of birth of a child, it has to be right and to
    stand by itself, for so do an amount, a day and another amount."""
    number = plain[start:stop]
    bare = _SIGNS.sub("", number).upper()
    if len(bare) < _TODAY or bare[6:10] < _AT_WORK or number[:14].isdigit():
        return True
    return (
        check_character(bare[: _TODAY - 1]) == bare[_TODAY - 1]
        and not plain[max(0, start - 1) : start].isdigit()
        and not plain[stop : stop + 1].isdigit()
        and _DAY_BEFORE.search(plain, max(0, start - _FAR), start) is None
    )


def check_character(digits: str) -> str:
    """The last character of an ID number for its first 17 digits (GB 11643: ISO 7064, MOD 11-2)."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11]


def _grouped(plain: str, start: int, stop: int) -> bool:
    """Whether digits stand in groups as people make them of an ID number: the same sign between all of them (between its three
    parts another one, when there are only blanks within), and the groups alike, ending where its parts do, or of three and four.

    Numbers that go on in the same way before or behind are a list or a row of a table; of one with blanks only, that may be an
    ID number of today beside a serial number, the groups must tell.
    """
    number = plain[start:stop]
    gaps, sizes = _SIGNS.findall(number), [len(group) for group in _SIGNS.split(number)]
    ends = list(accumulate(sizes))
    digits = ends.pop()
    signs = {gap.strip() for gap in gaps}
    if len(signs) > 1:
        apart = {6, 14 if digits == _TODAY else 12}
        between = {gap.strip() for gap, end in zip(gaps, ends, strict=True) if end in apart}
        within = {gap.strip() for gap, end in zip(gaps, ends, strict=True) if end not in apart}
        if len(between) != 1 or within - {""}:
            return False
    last = sizes[-1] - (sizes[-1] > 1 and number[-1] in "Xx")  # which is written to the digit before it
    alike = len(set(sizes[:-1])) <= 1 and last <= sizes[0]
    sure = alike or (_ENDS.issuperset(ends) and (digits == _TODAY or 6 in ends))
    if sure and digits == _TODAY and signs <= {""}:
        return True
    loose = len(gaps) == 1 or ({*sizes[1:-1]} <= {3, 4} and sizes[0] in {3, 4, 6} and sizes[-1] <= 4)
    return (sure or loose) and not _goes_on(plain, start, stop, gaps)


def _goes_on(plain: str, start: int, stop: int, gaps: Sequence[str]) -> bool:
    """Whether other digits stand before or behind with the same between as in the number."""
    before = _BEFORE.search(plain, max(0, start - _FAR), start)
    behind = _BEHIND.match(plain, stop)
    return any(found is not None and found[1] in gaps for found in (before, behind))


def refuse_numbers(why: str = NO_NUMBERS, /, **texts: str) -> None:
    """Lets no free text pass that holds what may be such a number. Raises Invalid, which names each field that does."""
    if told := {name: why for name, text in texts.items() if tells_a_number(text)}:
        raise Invalid(fields=told)


def without_numbers(text: str) -> str:
    """The text with what may be such a number replaced by HIDDEN; a text that holds none stays as it is.

    Of one that shows a number only once its tags are gone, they are.
    """
    return _without(text, tells_a_number, _numbers)


def without_id_numbers(text: str) -> str:
    """A long text with what is written like an ID number replaced by HIDDEN; all the rest stays as it is, but tags within one."""
    return _without(text, tells_an_id_number, _id_numbers)


def without_typed_id_numbers(text: str) -> str:
    """`without_id_numbers` for what is saved while somebody types it: also with one that is all but typed."""
    return _without(without_id_numbers(text), _tells_a_begun_one, _begun)


def _tells_a_begun_one(text: str) -> bool:
    return any(_may_hold(form, BEGUN_DIGITS) and next(_begun(_plain(form)), None) is not None for form in _forms(text))


def _begun(plain: str) -> Iterator[tuple[int, int]]:
    """Where numbers stand to which a last sign or two are still to be typed, which follow from the others, or nearly: whatever
    would be an ID number with them. In parts, so do amounts around a day: these go on in a row, are counted, or have decimals."""
    for read in {plain, plain.translate(_HAN)}:
        for found in _BEGUN.finditer(read):
            start, ends = found.start(1), [found.end(2), found.end(1)] if found[2] else [found.end(1)]
            stop = next(
                (end for end in ends if not read[end : end + 1].isdigit() and _to_be_one(read, start, end)), None
            )
            if stop is not None:
                yield start, stop


def _to_be_one(plain: str, start: int, stop: int) -> bool:
    digits, gaps = _SIGNS.sub("", plain[start:stop]), _SIGNS.findall(plain[start:stop])
    before, missing = max(0, start - _FAR), _TODAY - len(digits)
    behind = _BEHIND.match(plain, stop)
    row = behind is not None and behind[1] in gaps and not _OWN_REST[missing].match(plain, behind.end())
    if gaps and (row or _AMOUNT_BEFORE.search(plain, before, start) or _AMOUNT_BEHIND.match(plain, stop)):
        return False
    last = "0" * (missing - 1)
    last += check_character(digits + last)
    endings = {last, *(gap + last for gap in gaps[-1:]), *(gap + gap.join(last) for gap in gaps[-1:])}
    return any(
        (start - before, stop - before + len(ending))
        in _ids_in_digits(plain[before:stop] + ending + plain[stop : stop + _FAR])
        for ending in endings
    )


def _without(text: str, tells: Callable[[str], bool], places: Callable[[str], Iterable[tuple[int, int]]]) -> str:
    if not tells(text):
        return text
    for form in _forms(text):
        struck = _struck(form, places)
        if tells(struck):  # numbers that went on from one that is struck now: with all that stands beside them
            struck = _struck(struck, lambda plain: _whole(plain, places(plain)))
        if not tells(struck):
            break
    return struck


def _whole(plain: str, places: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """For each place in a plain form all digits that stand with it, from letter to letter; an X may end a number."""
    rows = [row.span() for row in _ROW.finditer(plain)]
    for start, _ in places:
        yield rows[bisect_right(rows, start, key=itemgetter(0)) - 1]


def _number(run: re.Match[str]) -> tuple[int, int] | None:
    """Where a run of digits may be a number, with the X behind it if it is an ID number's; None where it is none."""
    if sum(c.isdigit() for c in run[1]) < DIGITS:
        return None
    if next(_id_numbers(run[0]), None) is not None:
        return run.span()
    listed = any(rule.fullmatch(run[1]) for rule in (_DAYS, _SHORT_DAYS, _FEW))
    return None if listed else run.span(1)


def _told_by(sign: str) -> str:
    """A whole number that is one sign, as digits, also where it has no plain form (❶, ⓵); other signs (½) as they are."""
    value = unicodedata.numeric(sign)
    return str(int(value)) if value.is_integer() and value < 100 else sign


def _plain(text: str) -> str:
    return _read(text)[0]


def _read(text: str) -> tuple[str, list[int]]:
    """A text in its plain form, and for each sign of that the place in the text where it comes from.

    That is the text with digits of every script as 0 to 9; numbers that are one sign (①, ❶, ², ½) stand apart from
    their neighbours. Chinese numerals are digits where so many stand together as a number has.
    """
    signs: list[str] = []
    origins: list[int] = []
    for place, sign in enumerate(text):
        shown = _shown(sign)
        signs.append(shown)
        origins += [place] * len(shown)
    spread = _HAN_RUN.sub(lambda run: run[0].translate(_HAN) if _HAN_FOUR.search(run[0]) else run[0], "".join(signs))
    parts, kept, end = [], [], 0
    for gap in _WIDE_GAP.finditer(spread):
        parts += [spread[end : gap.start()], "  "]
        kept += origins[end : gap.start() + 2]
        end = gap.end()
    return "".join([*parts, spread[end:]]), kept + origins[end:]


@lru_cache(4096)
def _shown(sign: str) -> str:
    apart = f" {_told_by(sign)} " if unicodedata.category(sign) == "No" else sign
    wide = unicodedata.normalize("NFKC", apart).translate(_LIKE_X).translate(_BLANK)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in wide)


def _struck(text: str, places: Callable[[str], Iterable[tuple[int, int]]]) -> str:
    """The text with HIDDEN in place of what stands at some places of its plain form; overlapping ones are one."""
    plain, origins = _read(text)
    parts, end = [], 0
    for start, stop in sorted(places(plain)):
        if origins[start] >= end:
            parts += [text[end : origins[start]], HIDDEN]
        end = max(end, origins[stop - 1] + 1)
    return "".join([*parts, text[end:]])
