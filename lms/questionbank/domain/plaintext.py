"""Text from foreign hands made regular: lines, invisible characters, full-width letters and digits."""

import re

# Control characters and the ends of lines and paragraphs become spaces; surrogates and the invisible two go.
_ENDS = "\u2028\u2029"
_ODD = re.compile(f"[\x00-\x1f\x7f-\x9f{_ENDS}\ud800-\udfff\ufeff\u200b]")
_BREAK = re.compile(r"\r\n|\r|\n")
# Letters, digits and punctuation that keyboards in Chinese mode produce in their wide form.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def canonical(value: str) -> str:
    """The value on one line: control characters become spaces, byte order marks and lone surrogates go, ends are stripped."""
    return _ODD.sub(lambda match: " " if match[0] < "\xa0" or match[0] in _ENDS else "", value).strip()


def lines(text: str) -> list[str]:
    """The canonical lines of a text, whatever its line ends are; the first is line 1."""
    return [canonical(line) for line in _BREAK.split(text)]


def narrow(value: str) -> str:
    """Full-width ASCII letters, digits and punctuation in their ordinary width."""
    return value.translate(_NARROW)


def joined(parts: list[str]) -> str:
    """Continued lines as one value; a space only between two words of a script that needs it."""
    result = ""
    for part in parts:
        needs_space = bool(result) and bool(part) and _is_word(result[-1]) and _is_word(part[0])
        result += f" {part}" if needs_space else part
    return canonical(result)


def _is_word(character: str) -> bool:
    return character.isascii() and character.isalnum()
