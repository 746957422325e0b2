"""Fences the process it runs in, then becomes the program it was asked for: started by `sandbox.py`, standard library only.

Usage: `python -I -S sandbox_launcher.py SPEC PROGRAM ARGUMENT…` where SPEC is the JSON of a `Spec`. What cannot be fenced as asked
ends the process with code 125 before the program starts. The order below matters: a new user namespace resets the
parent-death signal, Landlock and seccomp need no_new_privs, and seccomp comes last because it forbids the calls before it.
"""

import contextlib
import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from typing import NoReturn, TypedDict

CANNOT_FENCE = 125

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS = 1, 22, 38
_CLONE_NEWIPC, _CLONE_NEWUSER, _CLONE_NEWNET = 0x08000000, 0x10000000, 0x40000000
_LANDLOCK_CREATE, _LANDLOCK_ADD_RULE, _LANDLOCK_RESTRICT = 444, 445, 446

# Bits of Landlock's access_fs; linux/landlock.h.
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REMOVE_DIR, _REMOVE_FILE, _MAKE_DIR, _MAKE_REG, _REFER, _TRUNCATE = 1 << 4, 1 << 5, 1 << 7, 1 << 8, 1 << 13, 1 << 14
_FILE_RIGHTS = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
_RUN = _EXECUTE | _READ_FILE | _READ_DIR
_KEEP = _READ_FILE | _READ_DIR | _WRITE_FILE | _TRUNCATE | _REMOVE_FILE | _REMOVE_DIR | _MAKE_DIR | _MAKE_REG | _REFER

# Audit architecture, then the numbers of: socket, io_uring_setup, ptrace, process_vm_readv, process_vm_writev, keyctl, add_key,
# request_key, bpf, userfaultfd, perf_event_open, mount, unshare, setns, open_by_handle_at.
_CALLS = {
    "x86_64": (0xC000003E, (41, 425, 101, 310, 311, 250, 248, 249, 321, 323, 298, 165, 272, 308, 304)),
    "aarch64": (0xC00000B7, (198, 425, 117, 270, 271, 219, 217, 218, 280, 282, 241, 40, 97, 268, 265)),
}


class Spec(TypedDict):
    """What to fence: `parent` is the pid that must live on, `limits` maps names of RLIMIT_* to soft and hard values.

    `processes` is counted only in a user namespace of its own, else it would count everything that the account runs.
    """

    parent: int
    limits: dict[str, tuple[int, int]]
    fenced: bool
    processes: int
    runnable: list[str]
    readable: list[str]
    writable: list[str]


def main(arguments: list[str]) -> NoReturn:
    """Reads SPEC, fences, and replaces this process by the program."""
    spec: Spec = json.loads(arguments[0])
    limits = spec["limits"]
    if spec["fenced"] and _leave_network():
        limits["RLIMIT_NPROC"] = (spec["processes"], spec["processes"])
    _die_with(spec["parent"])
    if not spec["fenced"]:
        _stay_as_guard(spec["parent"])
    _limit(limits)
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        signal.signal(number, signal.SIG_DFL)
    if spec["fenced"]:
        _prctl(_PR_SET_NO_NEW_PRIVS, 1)
        _restrict_files(spec)
        _restrict_calls()
    program = arguments[1:]
    os.execv(program[0], program)


def landlock_abi() -> int:
    """Version of Landlock that the kernel offers; 0 when it has none."""
    return max(0, int(_libc().syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


def can_filter_calls() -> bool:
    """Whether the numbers of the system calls of this machine are known."""
    return platform.machine() in _CALLS


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> int:
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")
    return result


def _prctl(option: int, value: int, pointer: object = None) -> None:
    arguments = [ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)]
    _checked(_libc().prctl(option, *arguments), f"prctl {option}")


def _leave_network() -> bool:
    """New user, network and IPC namespaces where the machine allows them; seccomp forbids sockets in any case."""
    uid, gid = os.getuid(), os.getgid()
    if _libc().unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) != 0:
        return False
    for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{gid} {gid} 1")):
        with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 - pathlib costs 10 ms here
            file.write(text)
    return True


def _die_with(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    _prctl(_PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:
        raise OSError("the parent ended first")


def _stay_as_guard(parent: int) -> None:
    """Goes on in a child; this process waits for it, and when its own parent dies it kills their whole process group.

    bubblewrap forks: until its second process has asked for a death signal of its own, nothing else would end that one.
    """
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    guard = os.getpid()
    awaited = {signal.SIGCHLD, signal.SIGCONT}  # SIGCONT wakes a guard that somebody has stopped, too
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    _die_with(parent, signal.SIGCONT)
    program = os.fork()
    if program == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        _die_with(guard)
        return
    ended, status = 0, 0
    while not ended:
        signal.sigwait(awaited)
        if os.getppid() != parent:
            os.killpg(guard, signal.SIGKILL)
        ended, status = os.waitpid(program, os.WNOHANG)
    code = os.waitstatus_to_exitcode(status)
    os._exit(code if code >= 0 else 128 - code)


def _limit(limits: dict[str, tuple[int, int]]) -> None:
    for name, (soft, hard) in limits.items():
        number = getattr(resource, name)
        _, ceiling = resource.getrlimit(number)
        if ceiling != resource.RLIM_INFINITY:
            soft, hard = min(soft, ceiling), min(hard, ceiling)
        resource.setrlimit(number, (soft, hard))


def _restrict_files(spec: Spec) -> None:
    abi = landlock_abi()
    if abi == 0:
        raise OSError("the kernel has no Landlock")
    handled = _RIGHTS_BY_ABI[min(abi, max(_RIGHTS_BY_ABI))]
    bind_and_connect = 3 if abi >= 4 else 0
    abstract_sockets_and_signals = 3 if abi >= 6 else 0
    attributes = struct.pack("=QQQ", handled, bind_and_connect, abstract_sockets_and_signals)
    size = 8 if abi < 4 else 16 if abi < 6 else 24
    libc = _libc()
    ruleset = _checked(libc.syscall(_LANDLOCK_CREATE, attributes, ctypes.c_size_t(size), 0), "landlock")
    granted = {_RUN: spec["runnable"], _READ_FILE | _READ_DIR: spec["readable"], _KEEP: spec["writable"]}
    for rights, paths in granted.items():
        for path in paths:
            place = os.open(path, os.O_PATH | os.O_CLOEXEC)
            allowed = rights & handled & (-1 if os.path.isdir(path) else _FILE_RIGHTS)  # noqa: PTH112
            rule = struct.pack("=Qi", allowed, place)
            _checked(libc.syscall(_LANDLOCK_ADD_RULE, ruleset, 1, rule, 0), f"landlock rule for {path}")
            os.close(place)
    _checked(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "landlock restriction")
    os.close(ruleset)


def _restrict_calls() -> None:
    """A seccomp filter: no sockets, no peeking into other processes, no new namespaces."""
    if not can_filter_calls():
        return
    architecture, forbidden = _CALLS[platform.machine()]
    allow, refuse, kill = 0x7FFF0000, 0x00050001, 0x80000000
    load, equals, at_least, answer = 0x20, 0x15, 0x35, 0x06
    program = [(load, 0, 0, 4), (equals, 1, 0, architecture), (answer, 0, 0, kill), (load, 0, 0, 0)]
    # Numbers from 2^30 up are the x32 form of the same calls.
    program += [(at_least, len(forbidden) + 1, 0, 0x40000000)]
    program += [(equals, len(forbidden) - index, 0, number) for index, number in enumerate(forbidden)]
    program += [(answer, 0, 0, allow), (answer, 0, 0, refuse)]
    filters = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    header = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(filters)))
    _prctl(_PR_SET_SECCOMP, 2, ctypes.byref(header))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (OSError, ValueError, KeyError) as problem:
        sys.stderr.write(f"sandbox: {problem}\n")
        sys.exit(CANNOT_FENCE)
