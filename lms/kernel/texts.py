"""Texts that people bring: files from whatever editor they use, and signs that nobody sees."""

import codecs
import unicodedata

_SHAPELESS = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0") | {
    chr(one) for first, last in ((0x180B, 0x180F), (0xFE00, 0xFE0F)) for one in range(first, last + 1)
}
"""Letters, marks and signs that are drawn as nothing; the selectors of rare forms of Chinese characters (U+E0100 on) are not
among them, for they are parts of names."""


def is_invisible(sign: str) -> bool:
    """Whether a sign, no space, shows nothing: control and format characters, fillers, blanks that count as signs."""
    return unicodedata.category(sign) in {"Cc", "Cf"} or sign in _SHAPELESS


def decoded(data: bytes) -> str | None:
    """The text of a file in UTF-8, UTF-16 (with its mark) or GB18030, without the mark; None when it is none of them."""
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    return None
