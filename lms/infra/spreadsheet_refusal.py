"""Why a table is refused, in sentences for people, and the bounds within which one is read."""

from collections.abc import Sequence
from dataclasses import dataclass

from lms.kernel.errors import N_, DomainError
from lms.kernel.numbers import without_numbers

REASONS = {
    "empty": N_("文件“%(file)s”里没有内容。"),
    "too_large": N_("文件“%(file)s”过大或展开后过大，请删去多余的内容，或分成几个文件上传。"),
    "too_heavy": N_("读取文件“%(file)s”所需的时间或内存超出限制，请删去多余的内容后重试。"),
    "damaged": N_("文件“%(file)s”已损坏或不是表格文件，请用 Excel 或 WPS 重新另存为 XLSX 后上传。"),
    "not_a_table": N_("文件“%(file)s”不是表格文件，请上传 XLSX 或 CSV 文件。"),
    "xls": N_("文件“%(file)s”是旧版表格（XLS），请用 Excel 或 WPS 另存为 XLSX 后上传。"),
    "xlsb": N_("文件“%(file)s”是二进制表格（XLSB），请另存为 XLSX 后上传。"),
    "ods": N_("文件“%(file)s”是 ODS 表格，请另存为 XLSX 或 CSV 后上传。"),
    "html": N_("文件“%(file)s”其实是网页或 XML 文件，请用 Excel 或 WPS 打开后另存为 XLSX 上传。"),
    "encrypted": N_("文件“%(file)s”设有密码，请取消密码保护后上传。"),
    "macros": N_("文件“%(file)s”含有宏，请另存为不含宏的 XLSX 后上传。"),
    "entities": N_("文件“%(file)s”含有不允许的定义，请用 Excel 或 WPS 重新另存为 XLSX 后上传。"),
    "encoding": N_("无法识别文件“%(file)s”的文字编码，请另存为 UTF-8 编码的 CSV 或 XLSX 后上传。"),
    "no_sheet": N_("文件“%(file)s”里没有可读的工作表。"),
    "quotes": N_("第 %(row)s 行的引号不成对，无法读取，请改正后重新上传。"),
    "too_many_rows": N_("表格最多 %(max_rows)s 行（含表头），请分成几个文件上传。"),
    "too_many_columns": N_("第 %(row)s 行超出 %(max_columns)s 列，或者过长；请删去多余的内容。"),
    "too_long": N_("单元格 %(cell)s 的文字超过 %(max_text)s 个字，请缩短后重新上传。"),
    "formula": N_("单元格 %(cell)s 是公式，请复制后“选择性粘贴”为数值，再重新上传。"),
    "error": N_("单元格 %(cell)s 显示的是错误值，请改正后重新上传。"),
    "digits_lost": N_("单元格 %(cell)s 的数字过长，末尾几位可能已经丢失；请把该列设置为文本格式后重新填写。"),
    "unreadable": N_("单元格 %(cell)s 的内容无法识别，请重新填写。"),
}
"""Sentences by the code of a reason; the facts of a refusal fill the placeholders."""

_FILE_NAME_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a table and of the process that reads it.

    Rows are those that hold something, the header too; `max_text` counts the characters of a cell, `max_characters` of all.
    """

    max_bytes: int = 10 << 20
    max_rows: int = 10_000
    max_columns: int = 60
    max_text: int = 2_000
    max_characters: int = 8_000_000
    max_problems: int = 100
    max_entries: int = 1_000
    max_unpacked: int = 100 << 20
    max_ratio: int = 400
    memory_bytes: int = 512 << 20
    cpu_seconds: int = 5
    wall_seconds: float = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """A cell that cannot be taken: row and column count from 1, `reason` is a key of REASONS."""

    row: int
    column: int
    reason: str

    @property
    def cell(self) -> str:
        """The cell as a spreadsheet program names it: C7."""
        letters, rest = "", self.column
        while rest:
            rest, last = divmod(rest - 1, 26)
            letters = chr(65 + last) + letters
        return f"{letters}{self.row}"


class SpreadsheetRefused(DomainError):
    """The table cannot be read: `reason` is a key of REASONS, `row` and `column` say where.

    `problems` holds every cell that cannot be taken (up to `max_problems`), when that is why; the sentence tells of the first.
    """

    code, status, title = "spreadsheet_refused", 422, N_("无法读取这个表格")

    def __init__(
        self,
        reason: str,
        *,
        filename: str,
        limits: Limits,
        row: int | None = None,
        column: int | None = None,
        problems: Sequence[Problem] = (),
    ) -> None:
        self.reason, self.row, self.column, self.problems = reason, row, column, tuple(problems)
        extra: dict[str, object] = {
            "reason": reason,
            "file": without_numbers(filename)[-_FILE_NAME_SHOWN:],
            "row": row,
            "cell": Problem(row, column, reason).cell if row and column else None,
            "max_rows": limits.max_rows,
            "max_columns": limits.max_columns,
            "max_text": limits.max_text,
        }
        super().__init__(REASONS[reason], extra=extra)


@dataclass(frozen=True, slots=True)
class Refuser:
    """Makes the refusals of one file."""

    filename: str
    limits: Limits

    def __call__(self, reason: str, row: int | None = None, column: int | None = None) -> SpreadsheetRefused:
        """The refusal of the file, or of one place in it."""
        return SpreadsheetRefused(reason, filename=self.filename, limits=self.limits, row=row, column=column)

    def cells(self, problems: Sequence[Problem]) -> SpreadsheetRefused:
        """The refusal because of cells, at least one."""
        told = sorted(problems, key=lambda one: (one.row, one.column))[: self.limits.max_problems]
        first = told[0]
        return SpreadsheetRefused(
            first.reason,
            filename=self.filename,
            limits=self.limits,
            row=first.row,
            column=first.column,
            problems=told,
        )
