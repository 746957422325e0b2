"""Can every mark of an item be drawn? What an author has to mend before the item is handed in, each named."""

from collections.abc import Callable, Iterator

from lms.questionbank.domain.exchange import ExchangeItem, Kind, TextFormat
from lms.questionbank.domain.markedtext import from_html
from lms.questionbank.domain.marks import Run, What, runs

_LONGEST = 60


def texts_of(item: ExchangeItem) -> tuple[str, ...]:
    """The texts of an item that may be drawn with marks, as marked text."""
    said = (
        item.stem,
        *(choice.text for choice in item.choices),
        *(pair.prompt for pair in item.pairs),
        item.feedback,
        item.reference,
    )
    own = tuple(map(from_html, said)) if item.format is TextFormat.HTML else said
    return (*own, *(text for child in item.children for text in texts_of(child)))


def hindrances(item: ExchangeItem, draws: Callable[[str], bool]) -> tuple[str, ...]:
    """What can't be drawn, each as a Chinese sentence that names the picture or the formula; `draws` says whether TeX can be."""
    found = [run for text in texts_of(item) for run in runs(text)]
    formulas = dict.fromkeys(run.tex for run in found if run.what is What.FORMULA)
    broken = [f"公式 {tex[:_LONGEST]} 无法显示，请检查写法" for tex in formulas if not draws(tex)]
    return (*dict.fromkeys(_of_pictures(item, found)), *broken)


def _of_pictures(item: ExchangeItem, found: list[Run]) -> Iterator[str]:
    held = {picture.name: picture for picture in item.pictures}
    shown = [run for run in found if run.what is What.PICTURE]
    for run in shown:
        name = run.name[:_LONGEST]
        if run.name not in held:
            yield f"没有图片 {name}，文字里却提到它"
        elif held[run.name].size == (0, 0):
            yield f"图片 {name} 无法打开，请换一张"
        if not run.alt:
            yield f"图片 {name} 没有文字说明，请在 ![…] 的方括号里写明图中内容"
    for name in held.keys() - {run.name for run in shown}:
        yield f"图片 {name[:_LONGEST]} 没有用在题目里，请插入或移除"
    listed = [run for pair in item.pairs for run in runs(pair.answer)] if item.kind is Kind.MATCHING else []
    if any(run.what is not What.TEXT for run in listed):
        yield "匹配题右边的内容在下拉列表里，不能有图片或公式"
