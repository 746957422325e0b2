"""Keys by which Chinese names sort and are found: their pinyin, and its first letters. The only user of pypinyin.

The keys are stored, so that lists sort alike on both databases. A character with several readings gets the one of the
library's table for the word it stands in; in a person's name the first character gets its reading as a family name.
"""

import unicodedata

from pypinyin import Style, lazy_pinyin

# Characters that are read differently as a family name (单 Shan, 曾 Zeng …).
SURNAMES = {
    "单": "shan", "曾": "zeng", "解": "xie", "仇": "qiu", "区": "ou", "查": "zha", "朴": "piao", "盖": "ge", "任": "ren",
    "华": "hua", "尉": "wei", "乐": "yue", "折": "she", "翟": "zhai", "缪": "miao", "繁": "po", "召": "shao", "秘": "bi",
    "种": "chong", "冼": "xian", "纪": "ji", "宁": "ning", "燕": "yan", "覃": "qin", "员": "yun", "黑": "he", "晟": "cheng",
}  # fmt: skip


def _syllables(text: str, *, person: bool) -> list[str]:
    folded = unicodedata.normalize("NFKC", text).lower()
    read = lazy_pinyin(folded, style=Style.NORMAL, errors="default")
    found = ["".join(c for c in part if c.isalnum()) for part in read]
    if person and folded[:1] in SURNAMES and found:
        found[0] = SURNAMES[folded[0]]
    return [part for part in found if part]


def key_of(text: str, *, person: bool = False, limit: int = 300) -> str:
    """The pinyin of a name in lower case without tones or gaps ("王建国" is "wangjianguo"), cut to `limit` characters."""
    return "".join(_syllables(text, person=person))[:limit]


def initials_of(text: str, *, person: bool = False, limit: int = 60) -> str:
    """The first letters of the pinyin ("王建国" is "wjg"); Latin words keep all their letters."""
    return "".join(part if part in text.lower() else part[:1] for part in _syllables(text, person=person))[:limit]
