"""Draws the pictures of a demo lecture: titled Chinese slides whose points appear one after the other, typeset from a template."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import typst

from lms.paths import assets

_TEMPLATE_WIDTH = 1280


@dataclass(frozen=True, slots=True)
class Slide:
    """A slide: its title and up to five points; without points it is drawn as a cover."""

    title: str
    bullets: tuple[str, ...] = ()


def draw(
    slides: Sequence[Slide],
    steps: Sequence[Sequence[int]],
    *,
    fonts: Sequence[Path],
    mark: str,
    course_line: str,
    teacher_line: str,
    width: int,
) -> list[bytes]:
    """PNG pictures (16:9, `width` pixels wide), one for each step of each slide in order; a step is how many points are shown.

    `fonts` are files of one family. Nothing else, neither the system's fonts nor typst's own, is used.
    """
    with tempfile.TemporaryDirectory(prefix="lms-fonts-") as folder:
        for number, font in enumerate(fonts):
            Path(folder, f"{number}{font.suffix}").symlink_to(font.resolve())
        family = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        data = {
            "font": family.families()[0],
            "mark": mark,
            "course": course_line,
            "teacher": teacher_line,
            "slides": [
                {"title": slide.title, "bullets": list(slide.bullets), "steps": list(shown)}
                for slide, shown in zip(slides, steps, strict=True)
            ],
        }
        pictures = typst.compile(
            assets() / "slides.typ",
            font_paths=family,
            sys_inputs={"data": json.dumps(data)},
            format="png",
            ppi=72 * width / _TEMPLATE_WIDTH,
        )
    return [pictures] if isinstance(pictures, bytes) else list(pictures or [])
