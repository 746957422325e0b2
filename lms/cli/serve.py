"""`lms serve` and `lms worker`: the production processes, configured by the environment."""

import os
import sys

import click

from lms import settings as settings_module


def gunicorn_arguments(*, host: str, port: int, workers: int, threads: int) -> list[str]:
    """The command line of the web server."""
    return [
        sys.executable, "-m", "gunicorn", "lms.wsgi:application",
        "--config", "python:lms.infra.gunicorn_config",
        "--bind", f"{host}:{port}",
        "--worker-class", "gthread",
        "--workers", str(workers),
        "--threads", str(threads),
        "--timeout", "60",
        "--graceful-timeout", "10",
        "--keep-alive", "15",
        "--no-control-socket",
        "--preload",  # a worker that was killed is back after a fork instead of seconds of imports
        "--log-level", "warning",
    ]  # fmt: skip


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--workers", default=2, show_default=True, help="processes")
@click.option("--threads", default=8, show_default=True, help="threads of each process")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """Run the web processes."""
    settings_module.from_environment()
    arguments = gunicorn_arguments(host=host, port=port, workers=workers, threads=threads)
    os.execv(arguments[0], arguments)


@click.command()
def worker() -> None:
    """Run one worker."""
    settings_module.from_environment()
    os.execv(sys.executable, [sys.executable, "-m", "lms.worker"])
