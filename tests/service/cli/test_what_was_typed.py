"""What was typed at a command may hold an ID number, and terminals are kept: no error repeats one."""

import pytest

from tests.service.cli.conftest import Command

ID_NUMBER = "11010519491231002X"  # of the standard's own example


@pytest.mark.parametrize(
    "words",
    [
        ("users", "disable", ID_NUMBER, "--reason", "离职"),
        ("questions", "export", "--bank", ID_NUMBER, "--format", "gift"),
        ("questions", "import", f"/nowhere/{ID_NUMBER}.gift", "--bank", "T1"),
        ("certificates", "verify", f"/nowhere/{ID_NUMBER}.pdf"),
        ("questions", "import", "x.gift", "--bank", "T1", "--format", ID_NUMBER),
        ("hours", "list", ID_NUMBER),
        ("hours", ID_NUMBER),
        (ID_NUMBER,),
        (f"--{ID_NUMBER}",),
        ("doctor", "--home", f"/nowhere/{ID_NUMBER}"),
    ],
)
def test_no_error_repeats_an_id_number(lms: Command, words: tuple[str, ...]) -> None:
    result = lms(*words)
    assert result.exit_code != 0
    assert ID_NUMBER not in result.output, result.output
