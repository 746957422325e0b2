"""What is sent in a form with the usual limit is written to no file on its way: a list of people may hold ID numbers."""

import io
import tempfile

import pytest
from flask import Flask, request


def test_a_list_of_people_is_in_no_file_while_it_is_read(clean: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "姓名,身份证号\n".encode() + b"x" * 1_900_000
    body = (
        b'--b\r\nContent-Disposition: form-data; name="sheet"; filename="people.csv"\r\n\r\n'
        + content
        + b"\r\n--b--\r\n"
    )

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a file was made")

    for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile"):
        monkeypatch.setattr(tempfile, name, refuse)
    sent_as = "multipart/form-data; boundary=b"
    with clean.test_request_context("/staff/people/import", method="POST", input_stream=io.BytesIO(body)) as context:
        context.request.environ |= {"CONTENT_TYPE": sent_as, "CONTENT_LENGTH": str(len(body))}
        assert request.files["sheet"].read() == content
        assert isinstance(request.files["sheet"].stream, io.BytesIO)
