"""Chinese numerals as laws write them (第一百二十三条), both ways, from 1 to 9999."""

_DIGITS = {"〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NAMES = "零一二三四五六七八九"
_MAX_LENGTH = 9

NUMERAL = "[0-9〇零一二两三四五六七八九十百千]{1,9}"


def value_of(text: str) -> int | None:
    """The number that the text writes in Arabic or Chinese digits, or None."""
    if not text or len(text) > _MAX_LENGTH:
        return None
    if text.isascii() and text.isdigit():
        return int(text)
    total, digit = 0, 0
    for character in text:
        if character in _DIGITS:
            digit = _DIGITS[character]
        elif character in _UNITS:
            total += (digit or 1) * _UNITS[character]
            digit = 0
        else:
            return None
    return total + digit


def chinese(number: int) -> str:
    """The numeral of a number from 1 to 9999 (10 is 十, 105 is 一百零五); ValueError beyond."""
    if not 1 <= number <= 9999:
        raise ValueError(f"no numeral for {number}")
    text, pending_zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // unit % 10
        if digit == 0:
            pending_zero = bool(text)
            continue
        text += ("零" if pending_zero else "") + _NAMES[digit] + name
        pending_zero = False
    return text.removeprefix("一") if 10 <= number < 20 else text
