"""Checks that every text of the code and the templates is translated in the English catalogue; exit 1 otherwise.

The source language is Chinese, so English is the only catalogue. With --update the catalogue takes in new texts,
empty, drops those that are gone, and leaves every translation as it is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
ENGLISH = ROOT / "lms" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None, "lazy_ngettext": (1, 2), "_n": (1, 2)}


def extract() -> Catalog:
    """All texts that babel.cfg's files mark."""
    with (ROOT / "babel.cfg").open() as file:
        methods, options = parse_mapping_cfg(file)  # type: ignore[no-untyped-call]
    found = Catalog()
    texts = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS)
    for name, line, text, _comments, context in texts:
        found.add(text, locations=[(name, line)], context=context)
    return found


def read_english() -> Catalog:
    if not ENGLISH.exists():
        return Catalog(locale="en", project="union-cadre-lms", header_comment="# English texts.", fuzzy=False)
    with ENGLISH.open("rb") as file:
        return read_po(file, locale="en")


def is_translated(message: Message) -> bool:
    """Whether a message has a whole translation that a person has confirmed."""
    if message.fuzzy:
        return False
    return all(message.string) if isinstance(message.string, (tuple, list)) else bool(message.string)


def faults(wanted: Catalog, english: Catalog) -> list[str]:
    """One line for each text without a usable translation, and for each translation of a text that is gone."""
    lines = []
    for message in wanted:
        if not message.id:
            continue
        known = english.get(message.id, message.context)
        place = ":".join(map(str, message.locations[0]))
        if known is None or not is_translated(known):
            lines.append(f"{place}: not translated: {message.id!r}")
        else:
            lines += [f"{place}: {error}" for error in known.check()]
    gone = [message for message in english if message.id and wanted.get(message.id, message.context) is None]
    return lines + [f"{ENGLISH.relative_to(ROOT)}: no longer used: {message.id!r}" for message in gone]


def update(wanted: Catalog, english: Catalog) -> None:
    english.update(wanted, no_fuzzy_matching=True, update_creation_date=False)
    english.obsolete.clear()
    for message in english:
        message.locations = sorted({(name, 0) for name, _line in message.locations})
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, english, width=120, sort_output=True, include_lineno=False)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--update", action="store_true", help="write new texts into the catalogue")
    arguments = ask.parse_args()
    wanted, english = extract(), read_english()
    if arguments.update:
        update(wanted, english)
    lines = faults(wanted, english)
    print("\n".join([*lines, f"translations: {len(wanted)} texts, {len(lines)} faults"]))
    return 1 if lines and not arguments.update else 0


if __name__ == "__main__":
    sys.exit(main())
