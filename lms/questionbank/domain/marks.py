"""Marked text, the one language that papers are written in: what its marks mean, for any text, and nothing ever fails.

    **不**             strong words
    ![说明](图.png)    a picture of the item by its name, with what it shows in words
    $x^2$  $$x^2$$     a formula in TeX inside a line, or on a line of its own
    甲 | 乙            two lines or more with the same number of cells are a table; `---|---` below the first line makes it the heads
    \\$                 a dollar sign

Whatever fits none of these stays text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

_TOKEN = re.compile(
    r"(?P<dollar>\\\$)"
    r"|(?:(?<=\n)|^)[^\S\n]*\$\$(?P<display>(?:\\.|[^$\\\n])+)\$\$[^\S\n]*(?:\n|$)"
    r"|\$(?=\S)(?P<formula>(?:\\.|[^$\\\n])*?(?:\\.|[^$\\\s]))\$(?!\d)"
    r"|!\[(?P<alt>[^\[\]\n]*)\]\((?P<name>[^()\n]{1,300})\)"
    r"|\*\*(?P<strong>[^*]+)\*\*"
)
_BAR = re.compile(r"(?:(?<=\s)|^)\|(?=\s|$)")
_HEADS = re.compile(r"\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)+")
_ESCAPES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_UNSAFE_IN_NAME = "%() \n"
OWN_FILES = "@@PLUGINFILE@@/"
"""What files of Moodle write before the name of a picture that comes with the item."""
_IN_ALT = str.maketrans({"[": "［", "]": "］", "\n": " "})


class What(StrEnum):
    """What a stretch of marked text is."""

    TEXT = "text"
    PICTURE = "picture"
    FORMULA = "formula"


@dataclass(frozen=True)
class Run:
    """A stretch: `text` is what is read where nothing can be drawn; a picture has its `name`, a formula its TeX in `tex`."""

    text: str
    strong: bool = False
    what: What = What.TEXT
    name: str = ""
    alt: str = ""
    tex: str = ""
    display: bool = False


@dataclass(frozen=True)
class Paragraph:
    """Lines of text with what stands in them."""

    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Table:
    """Rows of cells, all of one length; `headed` when the first row names the columns."""

    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    headed: bool


def blocks(text: str) -> tuple[Paragraph | Table, ...]:
    """The paragraphs and tables of a text in order."""
    found: list[Paragraph | Table] = []
    lines = text.split("\n")
    start = place = 0
    while place < len(lines):
        end, headed = _table_at(lines, place)
        if end == place:
            place += 1
            continue
        _add_paragraph(found, lines[start:place])
        rows = [line for at, line in enumerate(lines[place:end]) if not (headed and at == 1)]
        found.append(Table(tuple(tuple(map(_runs, _cells(row))) for row in rows), headed))
        start = place = end
    _add_paragraph(found, lines[start:])
    return tuple(found)


def runs(text: str) -> tuple[Run, ...]:
    """All stretches in order, those of tables too, with the ends of lines and the bars between cells as text."""
    found: list[Run] = []
    for block in blocks(text):
        if found:
            found.append(Run("\n"))
        if isinstance(block, Paragraph):
            found += block.runs
            continue
        for number, row in enumerate(block.rows):
            if number:
                found.append(Run("\n"))
            for place, cell in enumerate(row):
                found += [Run(" | "), *cell] if place else cell
    return tuple(found)


def plain(text: str) -> str:
    """The text without its marks, for lists and wherever only letters are drawn."""
    return "".join(run.text for run in runs(text))


def marked(text: str) -> bool:
    """Whether a mark in the text means something."""
    return plain(text) != text


def picture_mark(alt: str, name: str) -> str:
    """The mark of a picture; brackets in the words become full-width ones, signs that would end the name are escaped."""
    return f"![{alt.translate(_IN_ALT).strip()}]({_quoted(name)})"


def renamed(text: str, name_of: Callable[[str], str | None]) -> str:
    """The text with its pictures under other names: `name_of` takes a name as it is written and says the new one, None to keep it."""

    def written(match: re.Match[str]) -> str:
        if match["name"] is not None:
            name = name_of(match["name"])
            return match[0] if name is None else f"![{match['alt']}]({name})"
        return f"**{renamed(match['strong'], name_of)}**" if match["strong"] is not None else match[0]

    return _TOKEN.sub(written, text)


def numbered(text: str, names: Sequence[str]) -> str:
    """The text with its pictures under their numbers, from 1, in `names`: what they are called stays with the author."""
    numbers = {name: str(number) for number, name in enumerate(names, start=1)}
    return renamed(text, lambda written: numbers.get(name_in(written))) if numbers else text


def name_in(written: str) -> str:
    """The name of a picture as it is, from how a mark writes it."""
    return _ESCAPES.sub(
        lambda found: bytes.fromhex(found[0].replace("%", "")).decode(errors="replace"), written
    ).removeprefix(OWN_FILES)


def _quoted(name: str) -> str:
    return "".join(f"%{ord(sign):02X}" if sign in _UNSAFE_IN_NAME else sign for sign in name)


def _table_at(lines: list[str], place: int) -> tuple[int, bool]:
    """Where the table ends that begins at a line (there itself: none does), and whether it has heads."""
    cells = len(_cells(lines[place]))
    if cells < 2:
        return place, False
    end = place + 1
    headed = end < len(lines) and _HEADS.fullmatch(lines[end]) is not None and lines[end].count("|") == cells - 1
    end += headed
    while end < len(lines) and len(_cells(lines[end])) == cells:
        end += 1
    return (end, headed) if end - place > 1 + headed or headed else (place, False)


def _cells(line: str) -> list[str]:
    """What stands between the bars of a line; bars at both ends close it in."""
    found = [cell.strip() for cell in _BAR.split(line.strip())]
    return found[1:-1] if len(found) > 2 and not found[0] and not found[-1] else found


def _add_paragraph(found: list[Paragraph | Table], lines: list[str]) -> None:
    stretches = _runs("\n".join(lines)) if lines else ()
    if stretches:
        found.append(Paragraph(stretches))


def _runs(text: str, *, strong: bool = False) -> tuple[Run, ...]:
    found: list[Run] = []
    for before, match in _matches(text):
        if before:
            found.append(Run(before, strong))
        if match is None:
            continue
        if match["strong"] is not None:
            found += _runs(match["strong"], strong=True)
        elif match["name"] is not None:
            alt, name = match["alt"].strip(), name_in(match["name"])
            found.append(Run(f"（图：{alt}）" if alt else "（图）", strong, What.PICTURE, name=name, alt=alt))
        elif match["dollar"] is not None:
            found.append(Run("$", strong))
        else:
            display = match["display"] is not None
            tex = match["display"] if display else match["formula"]
            found.append(Run(tex + "\n" * match[0].endswith("\n"), strong, What.FORMULA, tex=tex, display=display))
    return tuple(found)


def _matches(text: str) -> Iterator[tuple[str, re.Match[str] | None]]:
    """The text before each mark with the mark, and what is left."""
    place = 0
    for match in _TOKEN.finditer(text):
        yield text[place : match.start()], match
        place = match.end()
    yield text[place:], None
