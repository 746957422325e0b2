"""Sets up everything that `make run` and `make test` need, and does nothing where nothing has changed.

Runs on the system's python3 with the standard library only. Each step keeps the digest of what it was made from
under .venv/.done, so that a second start skips it. Nothing outside the checkout is written.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
DONE = VENV / ".done"
FRONTEND = ROOT / "frontend"
TRANSLATIONS = ROOT / "lms" / "translations"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18


class SetupError(Exception):
    """A step could not be done; the message says what the person can do."""


def say(chinese: str, english: str) -> None:
    print(f"· {chinese} · {english}", flush=True)


def digest(*files: Path, extra: str = "") -> str:
    """The SHA-256 of the names and bytes of files, sorted, and of `extra`."""
    total = hashlib.sha256(extra.encode())
    for file in sorted(files):
        total.update(str(file.relative_to(ROOT)).encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def is_done(step: str, mark: str) -> bool:
    file = DONE / step
    return file.exists() and file.read_text() == mark


def set_done(step: str, mark: str) -> None:
    DONE.mkdir(exist_ok=True)
    (DONE / step).write_text(mark)


def run(
    program: str | Path, options: str, *files: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None
) -> None:
    """Run a program with options (separated by spaces) and files, silently.

    Raises SetupError with what it printed when it fails.
    """
    command = [str(program), *options.split(), *map(str, files)]
    done = subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupError(" ".join(command) + "\n" + (done.stdout + done.stderr).strip()[-4000:])


def outside_venv(program: str) -> str | None:
    """The path of a program of the system, never one that was installed into .venv."""
    folders = [folder for folder in os.environ.get("PATH", "").split(os.pathsep) if Path(folder) != BIN]
    return shutil.which(program, path=os.pathsep.join(folders))


def system_node() -> bool:
    """Whether the system has npm and a node that is new enough."""
    node = outside_venv("node")
    if node is None or outside_venv("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True)
    major = answer.stdout.strip().lstrip("v").split(".")[0]
    return answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NODE


def check_python() -> None:
    if sys.version_info < OLDEST_PYTHON:
        raise SetupError(
            f"需要 Python 3.11 或更新版本，现在是 {sys.version.split()[0]} · Python 3.11 or newer is needed.\n"
            "  make run PYTHON=python3.12"
        )
    try:
        import ensurepip  # noqa: F401 - Debian ships it apart from python3
        import venv  # noqa: F401 - so do others
    except ImportError as error:
        raise SetupError(
            "Python 缺少 venv · this Python lacks venv:\n"
            "  Debian/Ubuntu: apt install python3-venv    Fedora: dnf install python3\n"
            "  openSUSE: zypper install python3    Alpine: apk add python3"
        ) from error


def make_venv() -> None:
    """Make .venv, or make it anew when its interpreter is gone or too old."""
    python = BIN / "python"
    if python.exists():
        question = f"import sys; sys.exit(sys.version_info < {OLDEST_PYTHON!r})"
        if subprocess.run([python, "-c", question], capture_output=True).returncode == 0:
            return
    say("创建虚拟环境 .venv", "making .venv")
    run(sys.executable, "-m venv --clear", VENV)


def install_uv() -> None:
    lock = ROOT / "requirements-uv.lock"
    mark = digest(lock)
    if is_done("uv", mark) and (BIN / "uv").exists():
        return
    say("安装 uv", "installing uv")
    run(BIN / "python", "-m pip install --quiet --disable-pip-version-check --require-hashes -r", lock)
    set_done("uv", mark)


def wanted_locks(dev: bool) -> list[Path]:
    """The lock files whose union .venv holds; the tools of development stay once they were asked for."""
    names = ["requirements.lock"]
    if not system_node():
        names.append("requirements-node.lock")
    if not os.environ.get("LMS_FFMPEG") and outside_venv("ffmpeg") is None:
        names.append("requirements-ffmpeg.lock")
    if dev:
        set_done("dev", "")
    if is_done("dev", ""):
        names.append("requirements-dev.lock")
    return [ROOT / name for name in names]


def uv_environment() -> dict[str, str]:
    """The environment for uv, with the index that pip is configured for: uv does not read pip's settings."""
    env = dict(os.environ, VIRTUAL_ENV=str(VENV))
    env.setdefault("UV_HTTP_TIMEOUT", "180")
    if not {"UV_DEFAULT_INDEX", "UV_INDEX_URL"} & env.keys():
        ask = [str(BIN / "python"), "-m", "pip", "config", "get", "global.index-url"]
        index = env.get("PIP_INDEX_URL") or subprocess.run(ask, capture_output=True, text=True).stdout.strip()
        if index:
            env["UV_DEFAULT_INDEX"] = index
    return env


def install_packages(dev: bool) -> None:
    locks = wanted_locks(dev)
    mark = digest(*locks, ROOT / "pyproject.toml", extra=str(ROOT))
    if is_done("packages", mark):
        return
    say("安装 Python 依赖（首次约 100–240 MB）", "installing Python packages (100-240 MB the first time)")
    env = uv_environment()
    if is_done("dev", ""):
        # Tests start many processes, and under PYTHONDONTWRITEBYTECODE, as containers have it, each would compile all it imports.
        env.setdefault("UV_COMPILE_BYTECODE", "1")
    run(BIN / "uv", "pip sync --quiet --require-hashes", *locks, env=env)
    run(BIN / "uv", "pip install --quiet --no-deps --no-build-isolation --offline --editable", ROOT, env=env)
    set_done("packages", mark)


def build_frontend() -> None:
    # The system's node comes first; the one of .venv serves where there is none.
    env = dict(os.environ, PATH=os.pathsep.join([os.environ.get("PATH", os.defpath), str(BIN)]))
    if not system_node():
        env["PATH"] = os.pathsep.join([str(BIN), os.environ.get("PATH", os.defpath)])
    packages = [FRONTEND / "package.json", FRONTEND / "package-lock.json"]
    mark = digest(*packages)
    if not is_done("npm", mark) or not (FRONTEND / "node_modules").is_dir():
        say("安装前端依赖与字体", "installing front-end packages and fonts")
        run("npm", "ci --ignore-scripts --no-audit --no-fund", cwd=FRONTEND, env=env)
        set_done("npm", mark)
    sources = [file for file in (FRONTEND / "src").rglob("*") if file.is_file()]
    mark = digest(*packages, FRONTEND / "build.mjs", *sources)
    built = ROOT / "lms" / "static" / "dist" / "manifest.json"
    if not is_done("frontend", mark) or not built.exists() or not (ROOT / "lms" / "assets" / "fonts").is_dir():
        say("构建前端", "building the front end")
        run("node", "build.mjs", cwd=FRONTEND, env=env)
        set_done("frontend", mark)


def compile_translations() -> None:
    catalogues = sorted(TRANSLATIONS.glob("*/LC_MESSAGES/*.po"))
    mark = digest(*catalogues)
    made = all(file.with_suffix(".mo").exists() for file in catalogues)
    if not catalogues or (made and is_done("translations", mark)):
        return
    say("编译界面译文", "compiling translations")
    run(BIN / "pybabel", "--quiet compile --directory", TRANSLATIONS)
    set_done("translations", mark)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ask.add_argument("--dev", action="store_true", help="also what testing, checking and measuring need")
    dev = ask.parse_args().dev
    with Path(__file__).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once would undo each other's work
        try:
            check_python()
            make_venv()
            install_uv()
            install_packages(dev)
            build_frontend()
            compile_translations()
        except SetupError as error:
            print(f"\n安装未完成 · setting up has failed:\n{error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
