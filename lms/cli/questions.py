"""`lms questions import|export`: items from a file to drafts of a bank, and a bank to a file."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import click

from lms.cli.context import application
from lms.cli.faults import first_line, in_one_line
from lms.infra.db import reading
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.quoted_numbers import without_quoted_numbers
from lms.questionbank import queries, service
from lms.questionbank.domain.exchange import Accepted, Blank, ExchangeItem, Kind, Number, right_choices
from lms.questionbank.domain.formats.amounts import shown
from lms.questionbank.domain.formats.detection import Format
from lms.questionbank.domain.formats.outcome import Fault, NotCarried, ReadItem

_home = click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)


@click.group()
def questions() -> None:
    """Items of the question banks."""


@questions.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--bank", required=True, metavar="CODE", help="the bank that the drafts are put into")
@click.option(
    "--format",
    "format_name",
    type=click.Choice(["auto", *(one.value for one in Format)]),
    default="auto",
    show_default=True,
)
@click.option("--dry-run", is_flag=True, help="only read the file; needs no database")
@click.option("--json", "as_json", is_flag=True, help="one line of JSON")
@click.option("--valid-rows", is_flag=True, help="store what is whole, although something is refused")
@click.option("--replace", "replacing", is_flag=True, help="drafts with the same code take the new words")
@_home
@click.pass_context
def import_items(
    context: click.Context,
    file: Path,
    bank: str,
    format_name: str,
    dry_run: bool,
    as_json: bool,
    valid_rows: bool,
    replacing: bool,
    home: Path | None,
) -> None:
    """Read FILE and store its items as drafts of a bank; exit 1 when anything is refused."""
    read = _read(file, None if format_name == "auto" else Format(format_name))
    items, faults, stored = list(read.items), list(read.faults), None
    if items and not dry_run and (valid_rows or not faults):
        with in_one_line():
            application(context, home)
            try:
                done = service.store_drafts(bank, items, now=clock.now(), replace=replacing, only_valid=valid_rows)
            except NotFound:
                faults.append(Fault("--bank", f"没有题库 {bank[:40]}"))
            except service.ItemsRefused as refusal:
                faults += refusal.faults
            else:
                stored = done.stored
                faults += done.left_out
                for position, warning in done.warnings.items():
                    items[position] = replace(items[position], warnings=(*items[position].warnings, warning))
    _tell(read.format, items, faults, stored, as_json=as_json)
    if faults:
        raise SystemExit(1)


@questions.command("export")
@click.option("--bank", required=True, metavar="CODE")
@click.option("--format", "format_name", type=click.Choice([one.value for one in service.WRITTEN]), required=True)
@click.option("--output", type=click.Path(path_type=Path), default=None, help="a file; else standard output")
@_home
@click.pass_context
def export_items(context: click.Context, bank: str, format_name: str, output: Path | None, home: Path | None) -> None:
    """Write the published items of a bank and its imported drafts; exit 1 when the format cannot carry one of them."""
    with in_one_line():
        application(context, home)
        with reading() as session:
            known = queries.has_bank(session, bank)
            items = service.exported_items(session, bank)
    if not known:
        raise click.ClickException(f"没有题库 {bank[:40]}")
    try:
        data = service.write_file(items, Format(format_name))
    except NotCarried as refusal:
        for fault in refusal.faults:
            click.echo(f"{fault.where}: {fault.message}", err=True)
        raise SystemExit(1) from None
    _write(data, output)


@questions.command()
@click.option("--output", type=click.Path(path_type=Path), default=None, help="a file; else standard output")
def template(output: Path | None) -> None:
    """Write the XLSX table to fill in, with its explanations."""
    _write(service.template(), output)


def _write(data: bytes, output: Path | None) -> None:
    if output is None:
        click.echo(data, nl=False)
        return
    with in_one_line():
        output.write_bytes(data)


def _read(file: Path, format: Format | None) -> service.FileReading:
    try:
        with file.open("rb") as opened:
            data = opened.read(service.MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        return service.FileReading(format, (), (Fault("文件", f"读不出来：{first_line(error)}"[:180]),))
    return service.read_file(data, file.name, format)


def _tell(
    format: Format | None, items: Sequence[ReadItem], faults: Sequence[Fault], stored: int | None, *, as_json: bool
) -> None:
    if as_json:
        answer = {
            "format": format,
            "items": [_as_data(one) for one in items],
            "errors": [
                {"where": without_quoted_numbers(fault.where), "message": without_quoted_numbers(fault.message)}
                for fault in faults
            ],
            "stored": stored,
        }
        click.echo(json.dumps(answer, ensure_ascii=False))
        return
    for fault in faults:
        click.echo(f"✗ {without_quoted_numbers(fault.where)}: {without_quoted_numbers(fault.message)}")
    for one in items:
        for warning in one.warnings:
            click.echo(f"! {without_quoted_numbers(one.where)}: {without_quoted_numbers(warning)}")
    kept = "没有保存" if stored is None else f"保存为草稿 {stored} 道"
    click.echo(f"{format or '?'}: 读到 {len(items)} 道题，{len(faults)} 处有误，{kept}")


def _as_data(read: ReadItem) -> dict[str, Any]:
    return _item_data(read.item) | {
        "where": without_quoted_numbers(read.where),
        "warnings": [without_quoted_numbers(one) for one in read.warnings],
    }


def _item_data(item: ExchangeItem) -> dict[str, Any]:
    """The contract's keys first; options also hold what is typed into a single blank, so that weights stand in one place."""
    data: dict[str, Any] = {
        "type": item.kind.value,
        "stem": item.stem,
        "options": _options(item),
        "answers": _answers(item),
        "feedback": item.feedback,
        "ref": item.ref,
        "title": item.title,
        "category": item.category,
        "text_format": item.format.value,
        "knowledge_point": item.knowledge_point,
        "difficulty": item.difficulty,
        "source": item.source,
        "valid_until": item.valid_until.isoformat() if item.valid_until else None,
        "tags": list(item.tags),
    }
    if item.children:
        data["children"] = [_item_data(child) for child in item.children]
    return data


def _options(item: ExchangeItem) -> list[dict[str, Any]]:
    if item.kind is Kind.FILL_IN:
        return [
            {"text": _typed(one), "fraction": float(one.fraction), "feedback": one.feedback, "blank": number}
            for number, blank in enumerate(item.blanks, start=1)
            for one in blank.answers
        ]
    return [{"text": one.text, "fraction": float(one.fraction), "feedback": one.feedback} for one in item.choices]


def _answers(item: ExchangeItem) -> list[Any]:
    """Letters, true or false, the texts of a blank (of several: a list each), pairs, or the model answer."""
    match item.kind:
        case Kind.SINGLE | Kind.MULTIPLE:
            return [letter for letter, is_right in zip(ascii_uppercase, right_choices(item), strict=False) if is_right]
        case Kind.TRUE_FALSE:
            return [item.choices[0].fraction > 0]
        case Kind.FILL_IN:
            texts = [_texts(blank) for blank in item.blanks]
            return list(texts[0]) if len(texts) == 1 else texts
        case Kind.MATCHING:
            return [[pair.prompt, pair.answer] for pair in item.pairs]
    return [item.reference] if item.reference else []


def _texts(blank: Blank) -> list[str]:
    return [_typed(one) for one in blank.answers if one.fraction > 0]


def _typed(answer: Accepted | Number) -> str:
    if isinstance(answer, Accepted):
        return answer.text
    return f"{shown(answer.value)}±{shown(answer.tolerance)}" if answer.tolerance else shown(answer.value)
