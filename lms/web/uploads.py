"""Large uploads: only for views that are marked, only for people who may call them, written straight to the store's file system.

The limit has to be raised before anything reads the form, and the check of the CSRF token reads it; so `init_app` comes
before Flask-WTF's. Who may not upload keeps the small limit: strangers can't fill the disk.
Who lost the role while the upload came in, or whose unit moved, is met as they stand when all of it is there.
"""

import io
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import IO, ParamSpec, TypeVar

import flask
from flask import Flask, g, request
from werkzeug.datastructures import FileStorage

from lms.infra.storage import storage
from lms.kernel.permissions import Permission
from lms.web import login, ports

Parameters = ParamSpec("Parameters")
Answer = TypeVar("Answer")
MARK = "lms_large_upload"


class Request(flask.Request):
    """Writes the files of a large upload into `spool_folder`, so that taking one in is a rename and not a second copy.

    Others stay in memory, of which the limit of a body keeps them from taking much: a list of people belongs into no file.
    """

    spool_folder: Path | None = None

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if self.spool_folder is None:
            return io.BytesIO()
        return tempfile.NamedTemporaryFile("w+b", dir=self.spool_folder, delete=False)


def large(
    permission: Permission, *, most: int | None = None
) -> Callable[[Callable[Parameters, Answer]], Callable[Parameters, Answer]]:
    """Marks a view as one that takes large files, of `most` bytes at most, from who holds `permission`."""

    def decorate(view: Callable[Parameters, Answer]) -> Callable[Parameters, Answer]:
        setattr(view, MARK, (permission, most))
        return view

    return decorate


def local_path(file: FileStorage) -> Path:
    """Where the file of a large upload lies, complete, until the request ends; whoever wants it longer moves it."""
    file.stream.flush()
    return Path(str(file.stream.name))


def init_app(app: Flask, *, limit: int) -> None:
    """Lets marked views take up to `limit` bytes."""
    app.request_class = Request

    @app.before_request
    def _admit() -> None:
        marked = getattr(app.view_functions.get(request.endpoint or ""), MARK, None)
        if marked is None:
            return
        permission, most = marked
        principal = login.current_or_none()
        if principal is None or not ports.may(principal, permission, None):
            return
        request.max_content_length = min(limit, most or limit)
        g.upload_files = ExitStack()
        setattr(request, "spool_folder", g.upload_files.enter_context(storage().scratch()))  # noqa: B010 - our Request
        len(request.form)  # here all of it comes in, in minutes perhaps
        login.ask_again(principal)

    @app.teardown_request
    def _clear(_error: BaseException | None) -> None:
        files: ExitStack | None = g.pop("upload_files", None)
        if files is not None:
            files.close()
