"""Turns typst templates and texts into PDF/A-2b files with embedded fonts (the only importer of typst).

The same template, texts, date and fonts give the same bytes: nothing is read from the system or from the clock.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path

import typst

from lms import paths

SYSTEM_CJK_FOLDERS = (
    Path("/usr/share/fonts/opentype/noto"),
    Path("/usr/share/fonts/noto-cjk"),
    Path("/usr/share/fonts/google-noto-cjk"),
    Path("/usr/share/fonts/truetype/hanazono"),
    Path("/usr/share/fonts/truetype/wqy"),
    Path("/usr/share/fonts/truetype/arphic"),
    Path("/usr/local/share/fonts"),
)
"""Where Debian, Arch, Fedora and administrators put Chinese fonts: the second source, for characters that the first lacks."""

_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})
_FONT_SUFFIXES = frozenset({".otf", ".ttf", ".ttc", ".otc"})
_UNDRAWN = re.compile(r'the text `"((?:[^"\\]|\\.)*)"` could not be displayed')
_ESCAPE = re.compile(r"\\u\{([0-9a-f]+)\}|\\(.)")


class TypesettingFault(Exception):
    """The template could not be compiled; the message is typst's."""


class FontsMissing(TypesettingFault):
    """No font file lies in the first font folder; the front-end build puts them there."""


class UndrawableText(TypesettingFault):
    """No font at hand has some characters of a text, so the document must not be made: a box in place of a name is no name."""

    def __init__(self, text: str, characters: str) -> None:
        named = ", ".join(f"{character} (U+{ord(character):04X})" for character in characters)
        super().__init__(f"no font draws {named} in {text!r}")
        self.text = text
        self.characters = characters


@cache
def typesetter(template: str, font_dirs: str) -> "Typesetter":
    """A template of `lms/assets`, loaded once: the platform's fonts first, then those of the folders named between colons."""
    added = [Path(folder) for folder in font_dirs.split(":") if folder]
    return Typesetter(paths.assets() / template, paths.fonts(), more_fonts=(*added, *SYSTEM_CJK_FOLDERS))


class Typesetter:
    """One template with its fonts, loaded once; `pdf` may be called from several threads, which then take turns."""

    def __init__(self, template: Path, fonts: Path, *, more_fonts: Iterable[Path] = SYSTEM_CJK_FOLDERS) -> None:
        """Loads the template and the fonts of `fonts`, then those of `more_fonts` that exist. Raises FontsMissing."""
        if not any(path.suffix.lower() in _FONT_SUFFIXES for path in fonts.glob("*")):
            raise FontsMissing(f"no font in {fonts}")
        folders = [fonts, *(folder for folder in more_fonts if folder.is_dir())]
        book = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(at) for at in folders]
        )
        self._compiler = typst.Compiler(
            str(template), root=str(template.parent), font_paths=book, ignore_system_fonts=True
        )
        self._turn = threading.Lock()

    def pdf(self, texts: Mapping[str, str], *, dated: datetime) -> bytes:
        """The document as PDF/A-2b; the template reads `texts` as JSON from `sys.inputs.texts`, `dated` is its creation date.

        Raises UndrawableText for a character that no font has, and for those that draw nothing or reorder others (controls, marks of
        direction, private use; a line break may stand); TypesettingFault when the template is at fault.
        """
        for text in texts.values():
            _refuse_invisible(text)
        try:
            with self._turn:
                made = self._compiler.compile(
                    format="pdf",
                    sys_inputs={"texts": json.dumps(texts, ensure_ascii=False, sort_keys=True)},
                    pdf_standards=["a-2b"],
                    timestamp=int(dated.timestamp()),
                )
        except typst.TypstError as error:
            raise _explained(error.diagnostic, texts) from error
        if not isinstance(made, bytes):
            raise TypesettingFault("typst gave no single file")
        return made


def _refuse_invisible(text: str) -> None:
    found = dict.fromkeys(one for one in text if unicodedata.category(one) in _INVISIBLE and one != "\n")
    if found:
        raise UndrawableText(text, "".join(found))


def _explained(diagnostic: str, texts: Mapping[str, str]) -> TypesettingFault:
    undrawn = "".join(_unescaped(part) for part in _UNDRAWN.findall(diagnostic))
    characters = "".join(dict.fromkeys(undrawn))
    if not characters:
        return TypesettingFault(diagnostic)
    culprit = next((text for text in texts.values() if any(character in text for character in characters)), undrawn)
    return UndrawableText(culprit, characters)


def _unescaped(debug_text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else found[2], debug_text)
