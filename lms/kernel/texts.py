"""Reads text files that people bring from whatever editor they use."""

import codecs


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
