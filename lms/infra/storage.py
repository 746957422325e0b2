"""Files by key: uploads, renditions, certificate documents. Local folders now; the interface is what an object store can do too."""

import fcntl
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

    def settle(self, folder: Path) -> None:
        """Writes a scratch folder through to the disk; before put_tree(), and outside any transaction, because it takes long."""

    def put_tree(self, prefix: str, folder: Path) -> None:
        """Moves a whole settled folder under `prefix`, replacing what stood there, in one step for readers."""

    def names(self, prefix: str) -> list[str]:
        """The names of files and folders directly under a prefix, sorted; none when there is no such folder."""

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

    def clear_scratch(self) -> int:
        """Removes scratch folders whose owners were killed. Returns how many."""


class LocalStorage:
    """Keeps files below one folder; writes aside, syncs, then renames, so that a kill leaves no half file.

    Whoever works in a scratch folder holds a lock on it. The kernel drops the lock with the process, however it ends, so that
    a folder without one belongs to nobody; looking for a dead process id would err between containers.
    """

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
        _make(target.parent)
        source.chmod(0o640)  # web and worker may be two users of one group; a temporary file belongs to its maker alone
        _sync(source)
        os.replace(source, target)
        _sync(target.parent)

    def put_bytes(self, key: str, content: bytes) -> None:
        with self.scratch() as folder:
            file = folder / "file"
            file.write_bytes(content)
            self.put_file(key, file)

    def settle(self, folder: Path) -> None:
        for path in (*folder.rglob("*"), folder):
            _sync(path)

    def put_tree(self, prefix: str, folder: Path) -> None:
        target = self._at(prefix)
        _make(target.parent)
        if target.exists():
            with self.scratch() as aside:
                os.replace(target, aside / "old")
                os.replace(folder, target)
        else:
            os.replace(folder, target)
        _sync(target.parent)

    def names(self, prefix: str) -> list[str]:
        folder = self._at(prefix)
        return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []

    def exists(self, key: str) -> bool:
        return self._at(key).is_file()

    def size(self, key: str) -> int:
        return self.path(key).stat().st_size

    def open(self, key: str) -> BinaryIO:
        return self.path(key).open("rb")

    def path(self, key: str) -> Path:
        path = self._at(key)
        try:
            found = path.is_file()
        except OSError as error:  # a name longer than the file system takes
            raise NotFound from error
        if not found:
            raise NotFound
        return path

    def delete(self, key: str) -> None:
        self._at(key).unlink(missing_ok=True)

    def delete_tree(self, prefix: str) -> None:
        shutil.rmtree(self._at(prefix), ignore_errors=True)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        with _locked(self._scratch, fcntl.LOCK_SH):  # nobody clears away between making the folder and locking it
            folder = Path(tempfile.mkdtemp(dir=self._scratch))
            held = _lock(folder, fcntl.LOCK_EX)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(held)

    def clear_scratch(self) -> int:
        cleared = 0
        with _locked(self._scratch, fcntl.LOCK_EX):
            for folder in self._scratch.iterdir():
                try:
                    held = _lock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except (BlockingIOError, FileNotFoundError, PermissionError):
                    continue
                shutil.rmtree(folder, ignore_errors=True)
                os.close(held)
                cleared += 1
        return cleared


def _lock(path: Path, kind: int) -> int:
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, kind)
    except OSError:
        os.close(handle)
        raise
    return handle


@contextmanager
def _locked(path: Path, kind: int) -> Iterator[None]:
    handle = _lock(path, kind)
    try:
        yield
    finally:
        os.close(handle)


def _make(folder: Path) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        _sync(path.parent)


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
