"""`lms audit`: proves the record, marks the rows of older databases once, begins the log of heads anew after a restore."""

import json
from pathlib import Path

import click

from lms.audit import service
from lms.audit.domain.findings import Report
from lms.cli.context import application
from lms.cli.faults import NUMBERLESS, in_one_line
from lms.kernel import clock
from lms.kernel.errors import DomainError
from lms.kernel.numbers import tells_a_number
from lms.settings import current

_home = click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)


@click.group()
def audit() -> None:
    """The record of acts and official rows."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="one line of JSON")
@_home
@click.pass_context
def verify(context: click.Context, as_json: bool, home: Path | None) -> None:
    """Walk the chains of audit, hours, results, certificates and published content; exit 1 naming the first bad row."""
    with in_one_line():
        application(context, home)
        report = service.verify(current().seal_log_path, now=clock.now())
    click.echo(json.dumps(report.as_data(), ensure_ascii=False) if as_json else _told(report))
    if not report.ok:
        raise SystemExit(1)


@audit.command()
@_home
@click.pass_context
def adopt(context: click.Context, home: Path | None) -> None:
    """Mark, once, the official rows that are older than the marks; refused after the first seal."""
    with in_one_line():
        application(context, home)
        try:
            adopted = service.adopt(now=clock.now())
        except DomainError as error:
            raise click.ClickException(f"{error.code}: {error.title}") from error
    click.echo(", ".join(f"{name} {count}" for name, count in adopted.items()) or "nothing to mark")


@audit.command("rewrite-log")
@click.option("--reason", required=True, help="kept in the record")
@_home
@click.pass_context
def rewrite_log(context: click.Context, reason: str, home: Path | None) -> None:
    """Begin the log of heads anew from the database, after a restored backup; the old log is kept beside it."""
    if tells_a_number(reason):
        raise click.UsageError(f"--reason {NUMBERLESS}")
    with in_one_line():
        application(context, home)
        kept = service.rewrite_log(current().seal_log_path, reason=reason.strip()[:200], now=clock.now())
    click.echo(f"the old log is {kept}" if kept else "there was no log")


def _told(report: Report) -> str:
    checked = ", ".join(f"{part} {count}" for part, count in sorted(report.checked.items()))
    lines = [f"{'ok' if report.ok else 'BROKEN'}  checked: {checked or 'nothing'}; {report.seconds:.1f} s"]
    if report.findings:
        first = report.findings[0]
        lines.append(f"first bad row: {first.source} {first.row}: {first.detail}")
        lines += [f"  {one.kind}: {one.source} {one.row}: {one.detail}" for one in report.findings[1:]]
        lines.append("found: " + ", ".join(f"{kind} {count}" for kind, count in sorted(report.counts.items())))
    lines += [f"note: {note}" for note in report.notes]
    return "\n".join(lines)
