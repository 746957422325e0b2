"""XML from foreign hands: no document type, so no entities and nothing fetched; a bounded number of signs, levels and bytes."""

import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers.expat import ExpatError, ParserCreate

MAX_SIGNS = 600_000
MAX_DEPTH = 40
_DECLARATION = re.compile(r"^\s*<\?xml[^<>]{0,200}\?>")
__all__ = ["Element", "XmlRefused", "parse_xml"]
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class XmlRefused(Exception):
    """The file is no XML that is read here."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(message)
        self.where, self.message = where, message


def parse_xml(text: str) -> Element:
    """The root element; a name in a namespace reads `address}name`. Raises XmlRefused naming the line."""
    if text.count("<") > MAX_SIGNS:
        raise XmlRefused("全文", f"XML 的标记超过 {MAX_SIGNS} 个，请分成几个文件")
    body = _NO_XML.sub("", _DECLARATION.sub("", text.lstrip("\ufeff"), count=1))
    shift = text.count("\n") - body.count("\n")
    builder = _Builder()
    parser = ParserCreate(encoding="utf-8", namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.tree.data
    parser.StartDoctypeDeclHandler = builder.refuse
    try:
        parser.Parse(body.encode("utf-8"), True)
    except ExpatError as error:
        where = f"第 {error.lineno + shift} 行"
        raise XmlRefused(where, f"XML 格式有错，在第 {error.offset + 1} 个字节附近") from None
    return builder.tree.close()


class _Builder:
    """Builds the tree and counts its levels."""

    def __init__(self) -> None:
        self.tree = TreeBuilder()
        self.depth = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise XmlRefused("全文", f"XML 嵌套超过 {MAX_DEPTH} 层")
        self.tree.start(name, attributes)

    def end(self, name: str) -> None:
        self.depth -= 1
        self.tree.end(name)

    def refuse(self, *_declaration: object) -> None:
        raise XmlRefused("全文", "XML 里有文档类型或实体声明（DOCTYPE、ENTITY），不接受")
