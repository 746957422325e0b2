"""The parts of an xlsx file, which is a zip of XML: checked by its directory before anything is unpacked. Standard library only."""

import io
import posixpath
import zipfile
from collections.abc import Callable
from typing import TypedDict
from xml.parsers import expat

_CHUNK = 1 << 16
_SMALL = 1 << 20  # parts below this may be packed as tightly as they like


class Request(TypedDict):
    """Bounds as in `Limits`, and `parent`, the pid that must live on."""

    parent: int
    max_rows: int
    max_columns: int
    max_text: int
    max_characters: int
    max_problems: int
    max_entries: int
    max_unpacked: int
    max_ratio: int
    memory_bytes: int
    cpu_seconds: int


class Refused(Exception):
    """The file may not enter; the arguments are the code of the reason, then row and column where there is one."""


class Stop(Exception):
    """Enough of this part was read."""


Start = Callable[[str, dict[str, str]], None]
Told = Callable[[str], None]


class Book:
    """The parts by their names, whatever their case. Raises Refused for a zip that is too large, odd, or no xlsx at all."""

    def __init__(self, data: bytes, request: Request) -> None:
        self._zip = zipfile.ZipFile(io.BytesIO(data))
        self.request = request
        entries = self._zip.infolist()
        self._names = {entry.filename.lower(): entry.filename for entry in entries}
        if len(entries) > request["max_entries"]:
            raise Refused("too_large")
        if len(self._names) < len(entries) or any(_is_odd(name) for name in self._names):
            raise Refused("damaged")
        if any(entry.flag_bits & 1 for entry in entries):
            raise Refused("encrypted")
        if sum(entry.file_size for entry in entries) > request["max_unpacked"]:
            raise Refused("too_large")
        most = request["max_ratio"]
        if any(entry.file_size > max(_SMALL, most * entry.compress_size) for entry in entries):
            raise Refused("too_large")
        self._refuse_other_kinds()

    def has(self, name: str) -> bool:
        """Whether there is such a part."""
        return name.lower() in self._names

    def walk(self, name: str, start: Start, end: Told | None = None, text: Told | None = None) -> None:
        """Calls back for each element of a part, by its name without the namespace, until its end or until one raises Stop.

        Raises Refused when there is no such part and at the first declaration of a document type or an entity.
        """
        if not self.has(name):
            raise Refused("damaged")
        parser = _parser(start, end, text)
        with self._zip.open(self._names[name.lower()]) as part:
            try:
                while chunk := part.read(_CHUNK):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
            except Stop:
                return

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """Where a part leads: the id to the last word of the type and the name of the other part. The whole book is part ""."""
        folder, name = posixpath.split(part)
        found: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, attributes.get("Target", "")))
                found[attributes.get("Id", "")] = (attributes.get("Type", "").rpartition("/")[2], target.lstrip("/"))

        relations = posixpath.join(folder, "_rels", f"{name}.rels")
        if self.has(relations):
            self.walk(relations, start)
        return found

    def _refuse_other_kinds(self) -> None:
        names = self._names
        if any(name.endswith("vbaproject.bin") for name in names):
            raise Refused("macros")
        if "xl/workbook.bin" in names:
            raise Refused("xlsb")
        if "mimetype" in names:
            with self._zip.open(names["mimetype"]) as part:
                raise Refused("ods" if b"opendocument.spreadsheet" in part.read(200) else "not_a_table")
        if "[content_types].xml" not in names or any(name.startswith(("word/", "ppt/")) for name in names):
            raise Refused("not_a_table")
        self.walk("[content_types].xml", _refuse_macros)


def _is_odd(name: str) -> bool:
    return name.startswith("/") or "\\" in name or ".." in name.split("/") or len(name) > 200


def _refuse_macros(_tag: str, attributes: dict[str, str]) -> None:
    if "macroenabled" in attributes.get("ContentType", "").lower():
        raise Refused("macros")


def _refuse_declaration(*_: object) -> int:
    raise Refused("entities")


def _parser(start: Start, end: Told | None, text: Told | None) -> expat.XMLParserType:
    names: dict[str, str] = {}

    def local(full: str) -> str:
        return names.get(full) or names.setdefault(full, full.rpartition(" ")[2])

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.buffer_size = _CHUNK
    parser.StartDoctypeDeclHandler = _refuse_declaration
    parser.EntityDeclHandler = _refuse_declaration
    parser.ExternalEntityRefHandler = _refuse_declaration
    parser.StartElementHandler = lambda full, attributes: start(local(full), attributes)
    if end is not None:
        parser.EndElementHandler = lambda full: end(local(full))
    if text is not None:
        parser.CharacterDataHandler = text
    return parser
