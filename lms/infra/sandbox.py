"""Runs a program on files of strangers so that it reads its inputs, writes one folder, reaches no network and ends within limits.

Two fences: bubblewrap where it works, else our own launcher (Landlock, seccomp, namespaces where allowed). `fence()` says which
one stands. Both begin with `sandbox_launcher.py`, which sets the limits and asks the kernel to kill the program when its parent
dies. For the kernel "the parent" is the *thread* that started the program: `run` starts it, reads it and waits for it in the
calling thread and never hands it over, so the thread cannot end before the program does.
"""

import functools
import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from lms.infra import sandbox_launcher

_STDERR_KEPT = 8_000
_LINE_KEPT = 64_000
_RUNTIME = (
    "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libx32", "/usr/local/bin", "/usr/local/lib",
    "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/alternatives",
)  # fmt: skip
_TOP_FOLDERS = ("/bin", "/lib", "/lib32", "/lib64", "/libx32")
_DEVICES_READ = ("/dev/urandom", "/dev/random", "/dev/zero", "/sys/devices/system/cpu")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a run may use at most: seconds of CPU and of the wall clock, bytes of address space and of each file, processes."""

    cpu_seconds: int
    memory_bytes: int
    file_bytes: int
    wall_seconds: float
    processes: int = 512


@dataclass(frozen=True, slots=True)
class Result:
    """How a run ended; `killed_by` is None or one of wall, cpu, file_size, memory, signal."""

    returncode: int
    stderr_tail: str
    killed_by: str | None


@dataclass(frozen=True, slots=True)
class Fence:
    """What stands between a program and the machine; name is bubblewrap, launcher or limits."""

    name: str
    isolates_files: bool
    isolates_network: bool
    detail: str


class SandboxError(Exception):
    """The fence could not be put up, so the program was not started."""


_NAMES = {"auto": None, "bwrap": "bubblewrap", "launcher": "launcher"}


@dataclass(slots=True)
class _Choice:
    wanted: str = "auto"
    required: bool = False


_choice = _Choice()
_NO_FENCE = Fence(
    "limits", False, False, "neither bubblewrap nor Landlock works here: only limits on CPU and memory hold"
)


def run(
    argv: Sequence[str | Path],
    *,
    inputs: Sequence[Path],
    output_dir: Path | None,
    limits: Limits,
    on_line: Callable[[str], None] | None = None,
    runtime: Sequence[Path] = (),
    with_fence: Fence | None = None,
) -> Result:
    """Runs `argv` (its first word an absolute path) behind the fence and waits for it.

    `inputs` become readable, `output_dir` writable, `runtime` (folders of programs and libraries) readable and executable, all
    under their own names. `on_line` gets each line of standard output; what it raises ends the program and comes through.
    """
    chosen = with_fence or fence()
    program = [str(word) for word in argv]
    if not os.path.isabs(program[0]):  # noqa: PTH117 - a word of a command
        raise SandboxError(f"not an absolute path: {program[0]}")
    folders = [*_existing(_RUNTIME), *map(str, runtime)]
    within = any(Path(program[0]).is_relative_to(folder) for folder in folders)
    runnable = folders if within else [*folders, program[0]]
    readable = [str(path.absolute()) for path in inputs]
    writable = [] if output_dir is None else [str(output_dir.absolute())]
    if chosen.name == "bubblewrap":
        program = _bubblewrap(program, runnable, readable, writable, limits.processes)
    spec: sandbox_launcher.Spec = {
        "parent": os.getpid(),
        "limits": _rlimits(limits),
        "fenced": chosen.name == "launcher",
        "processes": limits.processes,
        "runnable": [*runnable, *_existing(_TOP_FOLDERS)],
        "readable": [*readable, *_existing(_DEVICES_READ)],
        "writable": [*writable, "/dev/null"],
    }
    launcher = [sys.executable, "-I", "-S", str(Path(sandbox_launcher.__file__).resolve()), json.dumps(spec)]
    return _supervise([*launcher, *program], limits, on_line)


def configure(wanted: str, *, required: bool) -> None:
    """Sets which fence this process uses: "auto" (the best that works), "bwrap" or "launcher".

    With `required`, nothing runs unless a fence keeps files and network out of reach; else limits alone do at worst.
    """
    _choice.wanted, _choice.required = wanted, required


def fence() -> Fence:
    """The fence in use, tried once per process by reading a file that must stay unreadable.

    Raises SandboxError when the one that was asked for, or the one that is required, does not work here.
    """
    wanted = _NAMES[_choice.wanted]
    usable = [one for one in available_fences() if wanted is None or one.name == wanted]
    if _choice.required:
        usable = [one for one in usable if one.isolates_files and one.isolates_network]
    if usable:
        return usable[0]
    if wanted is None and not _choice.required:
        return _NO_FENCE
    asked = f"the fence {wanted} was asked for and" if wanted else "a fence around files and network is required and"
    raise SandboxError(f"{asked} does not work here: see lms doctor")


@functools.lru_cache(maxsize=1)
def available_fences() -> tuple[Fence, ...]:
    """Every fence that holds here, the best first."""
    candidates = []
    if shutil.which("bwrap"):
        candidates.append(Fence("bubblewrap", True, True, "bubblewrap: own mounts, own network, own processes"))
    abi = sandbox_launcher.landlock_abi()
    if abi:
        filtered = sandbox_launcher.can_filter_calls()
        network = "sockets forbidden by seccomp" if filtered else "only TCP forbidden" if abi >= 4 else "network open"
        candidates.append(Fence("launcher", True, filtered, f"own launcher: Landlock ABI {abi}, {network}"))
    return tuple(candidate for candidate in candidates if _holds(candidate))


def _holds(candidate: Fence) -> bool:
    reader = shutil.which("cat", path="/usr/bin:/bin")
    if reader is None:
        return False
    limits = Limits(cpu_seconds=5, memory_bytes=1 << 30, file_bytes=1 << 20, wall_seconds=5)
    lines: list[str] = []
    with tempfile.TemporaryDirectory(prefix="lms-fence-") as folder:
        given, secret = Path(folder, "given"), Path(folder, "secret")
        given.write_text("given\n")
        secret.write_text("secret\n")
        command = [reader, str(given), str(secret)]
        try:
            run(command, inputs=[given], output_dir=None, limits=limits, on_line=lines.append, with_fence=candidate)
        except (SandboxError, OSError):
            return False
    return lines == ["given"]


def _rlimits(limits: Limits) -> dict[str, tuple[int, int]]:
    return {
        # The soft limit says who killed it (SIGXCPU), the hard one two seconds later cannot be caught.
        "RLIMIT_CPU": (limits.cpu_seconds, limits.cpu_seconds + 2),
        "RLIMIT_AS": (limits.memory_bytes, limits.memory_bytes),
        "RLIMIT_FSIZE": (limits.file_bytes, limits.file_bytes),
        "RLIMIT_NOFILE": (256, 256),
        "RLIMIT_CORE": (0, 0),
    }


def _bubblewrap(
    program: list[str], runnable: list[str], readable: list[str], writable: list[str], processes: int
) -> list[str]:
    words = [
        shutil.which("bwrap") or "bwrap",
        "--unshare-all",
        "--die-with-parent",
    ]  # the session is new already, and the guard kills its group
    words += ["--cap-drop", "ALL"]
    words += ["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]  # noqa: S108 - the program's own, inside its fence
    for top in _existing(_TOP_FOLDERS):
        path = Path(top)
        words += ["--symlink", str(path.readlink()), top] if path.is_symlink() else ["--ro-bind", top, top]
    for path_text in (*runnable, *readable, "/sys/devices/system/cpu"):
        words += ["--ro-bind-try", path_text, path_text]
    for path_text in writable:
        words += ["--bind", path_text, path_text]
    # The root, /tmp and /dev live in memory: nothing may grow there.
    for place in ("/dev", "/tmp", "/"):  # noqa: S108
        words += ["--remount-ro", place]
    counter = shutil.which("prlimit", path="/usr/bin")
    counted = [counter, f"--nproc={processes}"] if counter else []
    return [*words, "--chdir", "/tmp", "--", *counted, *program]  # noqa: S108


def _existing(paths: Sequence[str]) -> list[str]:
    return [path for path in paths if Path(path).exists()]


def _environment() -> dict[str, str]:
    # glibc reserves 64 MB of address space for each arena: two keep the limit meaningful.
    return {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp", "MALLOC_ARENA_MAX": "2"}  # noqa: S108


def _supervise(command: list[str], limits: Limits, on_line: Callable[[str], None] | None) -> Result:
    deadline = time.monotonic() + limits.wall_seconds
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
    )
    late = False
    try:
        tail, late = _read(process, deadline, on_line)
        if not late:
            late = not _ended(process.pid, deadline)
    finally:
        # The leader is not reaped yet, so the number of its group cannot belong to anybody else.
        os.killpg(process.pid, signal.SIGKILL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (process.stdout, process.stderr):
            if stream:
                stream.close()
    code = process.returncode
    if (code, tail[:8]) == (sandbox_launcher.CANNOT_FENCE, "sandbox:") or (code, tail[:6]) == (1, "bwrap:"):
        raise SandboxError(tail.strip())
    # bubblewrap and shells report death by signal N as 128 + N.
    number = -code if code < 0 else code - 128 if 128 < code < 160 else 0
    cause = "wall" if late else _cause(number, usage.ru_utime + usage.ru_stime, limits, tail)
    return Result(code, tail, cause if late or code else None)


def _read(process: subprocess.Popen[bytes], deadline: float, on_line: Callable[[str], None] | None) -> tuple[str, bool]:
    """Reads both streams to their ends; answers the end of standard error, and whether time ran out."""
    rest, tail = b"", b""
    with selectors.DefaultSelector() as selector:
        for stream in (process.stdout, process.stderr):
            if stream:
                selector.register(stream, selectors.EVENT_READ)
        while selector.get_map():
            left = deadline - time.monotonic()
            if left <= 0:
                return tail.decode(errors="replace"), True
            for key, _ in selector.select(left):
                chunk = os.read(key.fd, 65_536)
                if not chunk:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    tail = (tail + chunk)[-_STDERR_KEPT:]
                else:
                    *lines, rest = (rest + chunk).split(b"\n")
                    rest = rest[-_LINE_KEPT:]
                    for line in lines:
                        if on_line:
                            on_line(line.decode(errors="replace"))
    if rest and on_line:
        on_line(rest.decode(errors="replace"))
    return tail.decode(errors="replace"), False


def _ended(pid: int, deadline: float) -> bool:
    """Waits without reaping; false when the deadline came first."""
    while os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is None:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.005)
    return True


def _cause(number: int, cpu_seconds: float, limits: Limits, tail: str) -> str | None:
    if number == signal.SIGXFSZ:
        return "file_size"
    spent = number == signal.SIGKILL and cpu_seconds >= limits.cpu_seconds
    if spent or number == signal.SIGXCPU or f"received signal {signal.SIGXCPU:d}" in tail:
        return "cpu"
    if "Cannot allocate memory" in tail or "MemoryError" in tail or "malloc of size" in tail:
        return "memory"
    return "signal" if number else None
