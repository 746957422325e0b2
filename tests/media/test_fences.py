"""Each fence that works here keeps a program on its inputs, off the network and within its limits, and lets none outlive us."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from lms.infra import sandbox
from lms.infra.sandbox import Fence, Limits, Result
from tests.media.processes import gone_within, survivors

SHELL_PYTHON = "/usr/bin/python3"
LIMITS = Limits(cpu_seconds=5, memory_bytes=1 << 30, file_bytes=1 << 20, wall_seconds=10)

pytestmark = pytest.mark.skipif(
    not Path(SHELL_PYTHON).exists(), reason="needs the system's python3 as a program to fence"
)


@pytest.fixture(params=sandbox.available_fences(), ids=lambda fence: fence.name)
def fence(request: pytest.FixtureRequest) -> Fence:
    chosen: Fence = request.param
    return chosen


def python(
    code: str,
    fence: Fence,
    *words: str | Path,
    inputs: list[Path] | None = None,
    out: Path | None = None,
    limits: Limits = LIMITS,
) -> tuple[Result, list[str]]:
    lines: list[str] = []
    command = [SHELL_PYTHON, "-I", "-c", code, *map(str, words)]
    result = sandbox.run(
        command, inputs=inputs or [], output_dir=out, limits=limits, on_line=lines.append, with_fence=fence
    )
    return result, lines


def test_a_fence_stands_here() -> None:
    assert sandbox.fence().isolates_files
    assert sandbox.fence().isolates_network


def test_only_the_inputs_can_be_read(fence: Fence, tmp_path: Path) -> None:
    given, other = tmp_path / "given", tmp_path / "other"
    given.write_text("given")
    other.write_text("secret")
    code = (
        "import sys\n"
        "for name in sys.argv[1:]:\n"
        "    try: print(open(name).read()[:6])\n"
        "    except OSError as problem: print(type(problem).__name__)\n"
    )
    environment = f"/proc/{os.getpid()}/environ"
    _, lines = python(code, fence, given, other, "/etc/passwd", environment, __file__, inputs=[given])
    assert lines[0] == "given"
    assert set(lines[1:]) <= {"FileNotFoundError", "PermissionError"}
    assert len(lines) == 5


def test_only_the_output_folder_can_be_written(fence: Fence, tmp_path: Path) -> None:
    given, out = tmp_path / "given", tmp_path / "out"
    given.write_text("given")
    out.mkdir()
    code = (
        "import os, sys\n"
        "given, out = sys.argv[1:]\n"
        "open(out + '/a', 'w').write('new'); os.rename(out + '/a', out + '/b')\n"
        "for name in (given, given + '-stray', '/stray', '/tmp/stray', '/dev/shm/stray', '/usr/bin/stray'):\n"
        "    try: open(name, 'w').write('x'); print('written', name)\n"
        "    except OSError: print('refused')\n"
    )
    result, lines = python(code, fence, given, out, inputs=[given], out=out)
    assert (result.returncode, set(lines)) == (0, {"refused"})
    assert given.read_text() == "given"
    assert [path.name for path in out.iterdir()] == ["b"]


def test_no_network(fence: Fence) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as catcher,
    ):
        catcher.bind(("127.0.0.1", 0))
        listener.setblocking(False)
        catcher.setblocking(False)
        code = (
            "import socket, sys\n"
            "try: socket.create_connection(('127.0.0.1', int(sys.argv[1])), 2); print('connected')\n"
            "except OSError: print('refused')\n"
            "try: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', int(sys.argv[2])))\n"
            "except OSError: pass\n"
        )
        _, lines = python(code, fence, str(listener.getsockname()[1]), str(catcher.getsockname()[1]))
        assert lines == ["refused"]
        with pytest.raises(BlockingIOError):
            listener.accept()
        with pytest.raises(BlockingIOError):
            catcher.recv(10)


@pytest.mark.parametrize(
    ("code", "limits", "cause"),
    [
        ("import time; time.sleep(60)", Limits(5, 1 << 30, 1 << 20, 0.5), "wall"),
        ("while True: pass", Limits(1, 1 << 30, 1 << 20, 10), "cpu"),
        ("bytearray(2 << 30)", Limits(5, 1 << 30, 1 << 20, 10), "memory"),
        ("import os; os.abort()", LIMITS, "signal"),
        ("import os, sys; os.setsid() if os.getpgid(0) != os.getpid() else 0; import time; time.sleep(60)",
         Limits(5, 1 << 30, 1 << 20, 0.5), "wall"),
    ],
    ids=["wall", "cpu", "memory", "crash", "other session"],
)  # fmt: skip
def test_limits_end_a_program(fence: Fence, code: str, limits: Limits, cause: str) -> None:
    marker = f"lms-marker-{os.urandom(6).hex()}"
    started = time.monotonic()
    result, _ = python(code, fence, marker, limits=limits)
    assert result.killed_by == cause
    assert time.monotonic() - started < 5
    assert gone_within(marker, 1)


def test_no_file_grows_beyond_its_limit(fence: Fence, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_DFL)\n"
        "place = os.open(sys.argv[1] + '/big', os.O_WRONLY | os.O_CREAT)\n"
        "while True: os.write(place, bytes(100_000))\n"
    )
    result, _ = python(code, fence, tmp_path, out=tmp_path)
    assert result.killed_by == "file_size"
    assert (tmp_path / "big").stat().st_size <= LIMITS.file_bytes


def test_an_error_in_the_reader_ends_the_program(fence: Fence) -> None:
    marker = f"lms-marker-{os.urandom(6).hex()}"

    def lost(line: str) -> None:
        raise LookupError(line)

    command = [SHELL_PYTHON, "-I", "-u", "-c", "import time; print('begun'); time.sleep(60)", marker]
    with pytest.raises(LookupError, match="begun"):
        sandbox.run(command, inputs=[], output_dir=None, limits=LIMITS, on_line=lost, with_fence=fence)
    assert gone_within(marker, 1)


def test_a_flood_of_output_does_not_fill_our_memory(fence: Fence) -> None:
    code = "import sys\nfor _ in range(200): sys.stdout.write('x' * 100_000); sys.stderr.write('y' * 100_000)"
    result, lines = python(code, fence)
    assert result.returncode == 0
    assert sum(map(len, lines)) <= 64_000
    assert len(result.stderr_tail) <= 8_000


@pytest.mark.parametrize("from_a_thread", [False, True])
def test_kill_9_of_the_parent_leaves_no_program_behind(fence: Fence, from_a_thread: bool) -> None:
    marker = f"lms-marker-{os.urandom(6).hex()}"
    code = f"""
import threading
from lms.infra import sandbox
fence = sandbox.Fence({fence.name!r}, True, True, "")
limits = sandbox.Limits(60, 1 << 30, 1 << 20, 60)
command = [{SHELL_PYTHON!r}, "-I", "-u", "-c", "import time; print('begun'); time.sleep(60)", {marker!r}]
def work():
    sandbox.run(command, inputs=[], output_dir=None, limits=limits, with_fence=fence, on_line=lambda line: print(line, flush=True))
if {from_a_thread}:
    threading.Thread(target=work).start()
else:
    work()
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout and parent.stdout.readline() == "begun\n"
        assert survivors(marker)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert gone_within(marker, 2)


def test_a_program_lives_on_while_other_threads_come_and_go(fence: Fence) -> None:
    ended = threading.Event()
    helper = threading.Thread(target=ended.set)
    code = "import time; time.sleep(0.3); print('whole')"
    helper.start()
    result, lines = python(code, fence)
    helper.join()
    assert (result.returncode, lines, ended.is_set()) == (0, ["whole"], True)


def test_a_program_that_is_not_named_in_full_is_not_started(fence: Fence) -> None:
    with pytest.raises(sandbox.SandboxError):
        sandbox.run(["python3"], inputs=[], output_dir=None, limits=LIMITS, with_fence=fence)


def test_a_fence_that_cannot_be_put_up_is_an_error_not_a_run(fence: Fence, tmp_path: Path) -> None:
    with pytest.raises(sandbox.SandboxError):
        python("print('ran')", fence, out=tmp_path / "absent")


def test_where_a_fence_is_required_limits_alone_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    open_network = sandbox.Fence("launcher", True, False, "Landlock ABI 1")
    for there in ((), (open_network,)):
        monkeypatch.setattr(sandbox, "available_fences", lambda there=there: there)
        monkeypatch.setattr(sandbox, "_choice", sandbox._Choice(required=False))
        assert sandbox.fence() == (there or (sandbox._NO_FENCE,))[0]
        monkeypatch.setattr(sandbox, "_choice", sandbox._Choice(required=True))
        with pytest.raises(sandbox.SandboxError, match="lms doctor"):
            sandbox.fence()
        with pytest.raises(sandbox.SandboxError, match="required"):
            sandbox.run(["/bin/true"], inputs=[], output_dir=None, limits=LIMITS)
