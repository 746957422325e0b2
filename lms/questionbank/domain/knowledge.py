"""Knowledge points nest by slashes: 劳动法/集体合同/协商程序 lies below 劳动法/集体合同."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms.kernel.numbers import tells_a_number
from lms.questionbank.domain.exchange import category_path

LONGEST = 60
DEEPEST = 5


@dataclass(frozen=True)
class Point:
    """A knowledge point of the tree: its path, its last name, how deep it lies, items of its own and with those below."""

    path: str
    name: str
    depth: int
    own: int
    all: int


def path_of(text: str) -> str:
    """The path that somebody typed, with one slash between names; `／` and `>` are slashes too. Empty when nothing was typed."""
    return category_path(text.replace("／", "/").replace(">", "/"))


def problem_of(path: str) -> str | None:
    """Why the path can't be one, None when it can. A Chinese sentence."""
    if not path:
        return "请填写知识点"
    if len(path) > LONGEST:
        return f"知识点连同上级最多 {LONGEST} 个字"
    if path.count("/") >= DEEPEST:
        return f"知识点最多 {DEEPEST} 级"
    if tells_a_number(path):
        return "知识点不能有手机号码或身份证号"
    return None


def tree(counts: Mapping[str, int]) -> tuple[Point, ...]:
    """The points in the order of the tree, with those above that nobody named; `counts` are items by path."""
    paths = {path for path in counts if path}
    for path in tuple(paths):
        names = path.split("/")
        paths |= {"/".join(names[:depth]) for depth in range(1, len(names))}
    totals = dict.fromkeys(paths, 0)
    for path, count in counts.items():
        names = path.split("/") if path else []
        for depth in range(1, len(names) + 1):
            totals["/".join(names[:depth])] += count
    return tuple(
        Point(path, path.rsplit("/", 1)[-1], path.count("/"), counts.get(path, 0), totals[path])
        for path in sorted(paths, key=lambda path: path.split("/"))
    )


def with_below(points: Sequence[Point], path: str) -> tuple[str, ...]:
    """The path and those of the points below it, sorted."""
    return tuple(sorted({path} | {one.path for one in points if one.path.startswith(f"{path}/")}))
