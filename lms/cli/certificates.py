"""`lms certificates verify`: what the ledger and the seal say of a file."""

import json
from pathlib import Path
from typing import Any

import click

from lms.certificates import service
from lms.certificates.domain.facts import mask_name
from lms.certificates.domain.verification import FILE_TITLES, FileStatus
from lms.cli.context import application
from lms.cli.faults import first_line, in_one_line
from lms.infra import pdfsign
from lms.infra.authority import AuthorityFiles
from lms.settings import current


@click.group()
def certificates() -> None:
    """Certificates."""


@certificates.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="one line of JSON")
@click.option(
    "--home", type=click.Path(path_type=Path), default=None, help="the home of a demo, instead of the settings"
)
@click.pass_context
def verify(context: click.Context, file: Path, as_json: bool, home: Path | None) -> None:
    """Say what FILE is; exit 0 only when it is a valid certificate of this platform."""
    try:
        with file.open("rb") as opened:
            content = opened.read(pdfsign.MAX_FILE_BYTES + 1)
    except (OSError, ValueError) as error:
        answer: dict[str, Any] = {"status": FileStatus.UNKNOWN.value, "number": None, "problem": first_line(error)}
    else:
        with in_one_line():
            application(context, home)
            roots = pdfsign.read_roots(AuthorityFiles(current().signing_folder).roots)
            answer = _answer(service.check_file(content, roots))
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    else:
        said = [answer["status"], FILE_TITLES[FileStatus(answer["status"])], answer["number"], answer.get("problem")]
        click.echo(" · ".join(filter(None, said)))
    if answer["status"] != FileStatus.VALID:
        raise SystemExit(1)


def _answer(checked: service.FileCheck) -> dict[str, Any]:
    """The status, and of the certificate that the file is (or pretends to be) what strangers may see."""
    answer: dict[str, Any] = {"status": checked.status.value, "number": None}
    if checked.certificate is None:
        return answer
    facts = checked.certificate.facts
    return answer | {
        "number": facts.number,
        "version": facts.version,
        "title": facts.title,
        "name": mask_name(facts.name),
        "class_name": facts.class_name,
        "hours": facts.hours / 100,
        "issuer": facts.issuer,
        "issued_on": facts.issued_on.isoformat(),
        "demo": facts.demo,
        "sealed_at": checked.certificate.document.sealed_at.isoformat() if checked.certificate.document else None,
    }
