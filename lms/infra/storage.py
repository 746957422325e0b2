"""Files by key: uploads, renditions, certificate documents. Local folders now; the interface is what an object store can do too."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from lms.kernel.errors import NotFound


class Storage(Protocol):
    """What the platform asks of a store; keys are relative POSIX paths made by the server, never by a user."""

    def put_file(self, key: str, source: Path) -> None:
        """Moves a local file into the store; readers see all of it or nothing."""

    def put_bytes(self, key: str, content: bytes) -> None:
        """Stores bytes; readers see all of them or nothing."""

    def put_tree(self, prefix: str, folder: Path) -> None:
        """Moves a whole local folder under `prefix`, replacing what stood there, in one step for readers."""

    def exists(self, key: str) -> bool:
        """Whether the key holds a file."""

    def size(self, key: str) -> int:
        """Bytes of the file. Raises NotFound."""

    def open(self, key: str) -> BinaryIO:
        """The file for reading. Raises NotFound."""

    def path(self, key: str) -> Path:
        """A local path with the file's content, for programs that need one. Raises NotFound."""

    def delete(self, key: str) -> None:
        """Removes a file, if it is there."""

    def delete_tree(self, prefix: str) -> None:
        """Removes all files under a prefix."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A private folder on the store's file system, gone afterwards."""


class LocalStorage:
    """Keeps files below one folder; writes aside, syncs, then renames, so that a kill leaves no half file."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._scratch = self._root / ".scratch"
        self._scratch.mkdir(parents=True, exist_ok=True)

    def _at(self, key: str) -> Path:
        parts = PurePosixPath(key).parts
        if not parts or key.startswith("/") or any(part in {"..", ""} or part.startswith(".") for part in parts):
            raise NotFound
        return self._root.joinpath(*parts)

    def put_file(self, key: str, source: Path) -> None:
        target = self._at(key)
        target.parent.mkdir(parents=True, exist_ok=True)
        _sync(source)
        os.replace(source, target)
        _sync(target.parent)

    def put_bytes(self, key: str, content: bytes) -> None:
        handle, name = tempfile.mkstemp(dir=self._scratch)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        self.put_file(key, Path(name))

    def put_tree(self, prefix: str, folder: Path) -> None:
        target = self._at(prefix)
        target.parent.mkdir(parents=True, exist_ok=True)
        for path in folder.rglob("*"):
            if path.is_file():
                _sync(path)
        if target.exists():
            aside = Path(tempfile.mkdtemp(dir=self._scratch))
            os.replace(target, aside / "old")
            os.replace(folder, target)
            shutil.rmtree(aside, ignore_errors=True)
        else:
            os.replace(folder, target)
        _sync(target.parent)

    def exists(self, key: str) -> bool:
        return self._at(key).is_file()

    def size(self, key: str) -> int:
        return self.path(key).stat().st_size

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def path(self, key: str) -> Path:
        path = self._at(key)
        if not path.is_file():
            raise NotFound
        return path

    def delete(self, key: str) -> None:
        self._at(key).unlink(missing_ok=True)

    def delete_tree(self, prefix: str) -> None:
        shutil.rmtree(self._at(prefix), ignore_errors=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        folder = Path(tempfile.mkdtemp(dir=self._scratch))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_bound: list[Storage] = []


def configure(root: Path) -> None:
    """Makes `root` the folder of this process's store."""
    _bound[:] = [LocalStorage(root)]


def storage() -> Storage:
    """The store of this process; create_app() configures it."""
    return _bound[0]
