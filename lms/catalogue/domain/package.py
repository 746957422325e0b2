"""What reviewers approve: the hash over everything that a lecture hands in together."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Package:
    """A lecture's content as it is approved: any change of any part is another package."""

    title: str
    course_title: str
    teacher: tuple[str, str, str]
    outline: str
    source_sha256: str
    captions_sha256: str
    items: Sequence[dict[str, object]]
    practice_items: Sequence[dict[str, object]] = ()


def content_hash(package: Package) -> str:
    """SHA-256 over the package in one canonical form (sorted JSON, UTF-8), as 64 hex digits."""
    body: dict[str, object] = {
        "title": package.title,
        "course_title": package.course_title,
        "teacher": list(package.teacher),
        "outline": package.outline,
        "source_sha256": package.source_sha256,
        "captions_sha256": package.captions_sha256,
        "items": list(package.items),
    }
    if package.practice_items:  # absent when there are none: what was approved before there were any keeps its hash
        body["practice_items"] = list(package.practice_items)
    text = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
