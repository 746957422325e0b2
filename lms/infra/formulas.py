"""Formulas in TeX as MathML, which browsers draw by themselves: no script, no font of another's.

The converter's answer is untrusted: it hands through what stands in the TeX, addresses and styles too. Only the elements and
attributes below are written, by a writer that escapes every text.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from html import escape, unescape
from xml.etree.ElementTree import Element

from latex2mathml.converter import convert_to_element
from markupsafe import Markup

LONGEST = 500
_LENGTH = re.compile(r"[+-]?\d{0,3}(?:\.\d{1,4})?(?:em|ex|px|pt|%)?")
_WORDS = re.compile(r"[a-z -]{1,60}")
_ATTRIBUTES: Mapping[str, re.Pattern[str]] = {
    "accent": _WORDS, "columnalign": _WORDS, "columnlines": _WORDS, "displaystyle": _WORDS, "fence": _WORDS, "form": _WORDS,
    "linebreak": _WORDS, "mathvariant": _WORDS, "movablelimits": _WORDS, "notation": _WORDS, "rowlines": _WORDS,
    "separator": _WORDS, "stretchy": _WORDS, "symmetric": _WORDS,
    "columnspacing": _LENGTH, "depth": _LENGTH, "height": _LENGTH, "linethickness": _LENGTH, "lspace": _LENGTH,
    "maxsize": _LENGTH, "minsize": _LENGTH, "rowspacing": _LENGTH, "rspace": _LENGTH, "scriptlevel": _LENGTH,
    "voffset": _LENGTH, "width": _LENGTH,
}  # fmt: skip
_WITH_TEXT = frozenset({"mi", "mn", "mo", "mtext"})
_ELEMENTS = _WITH_TEXT | {
    "math", "menclose", "mfrac", "mmultiscripts", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtr", "munder", "munderover", "none",
}  # fmt: skip
_PARTS = {"mfrac": 2, "mroot": 2, "msub": 2, "msup": 2, "mover": 2, "munder": 2, "msubsup": 3, "munderover": 3}
_REFUSED = re.compile(r"\\(?:def|newcommand|renewcommand|let|href|url|style|class|cssId|unicode|require)(?![A-Za-z])")
_KNOWN = re.compile(r"&#x?[0-9A-Fa-f]+;")  # how the converter writes the signs that it knows
_UNREAD = re.compile(r"[\\{}&#]")  # a word that it does not know, or half of a pair
_NO_SIGN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DEEPEST = 60


class _NotShown(Exception):
    """The converter left something that is no formula."""


@lru_cache(maxsize=2_000)
def mathml(tex: str, *, display: bool = False) -> Markup | None:
    """The formula as a `math` element that names its TeX; None when the TeX can't be shown: unknown words, half a fraction."""
    if not tex.strip() or len(tex) > LONGEST or _REFUSED.search(tex) or _NO_SIGN.search(tex):
        return None
    how = "block" if display else "inline"
    try:
        inner = "".join(map(_written, convert_to_element(tex, display=how)))
    except (_NotShown, RecursionError):
        return None
    except Exception:  # the converter's errors have no common base, and some are slips of its own
        return None
    said = escape(tex)
    return Markup(f'<math display="{how}" alttext="{said}">{inner}</math>')  # noqa: S704  # written above


def draws(tex: str) -> bool:
    """Whether the TeX can be shown."""
    return mathml(tex) is not None


def _written(element: Element, depth: int = 0) -> str:
    name = element.tag
    if name not in _ELEMENTS or depth > _DEEPEST or len(element) < _PARTS.get(name, 0):
        raise _NotShown
    raw = element.text or ""
    text = unescape(raw)
    if (text and name not in _WITH_TEXT) or (element.tail or "").strip():
        raise _NotShown
    if name != "mtext" and _UNREAD.search(_KNOWN.sub("", raw)):
        raise _NotShown
    given = "".join(
        f' {key}="{value}"'
        for key, value in element.items()
        if key in _ATTRIBUTES and _ATTRIBUTES[key].fullmatch(value)
    )
    inner = escape(text) + "".join(_written(child, depth + 1) for child in element)
    return f"<{name}{given}>{inner}</{name}>"
