"""The commands of the console script `lms`, one module per family. Each is imported when it is called."""

from importlib import import_module
from typing import Any

import click

COMMANDS = {
    "demo": ("lms.cli.demo", "demo"),
    "serve": ("lms.cli.serve", "serve"),
    "worker": ("lms.cli.serve", "worker"),
    "db": ("lms.cli.database", "db"),
    "doctor": ("lms.cli.doctor", "doctor"),
    "openapi": ("lms.cli.openapi", "openapi"),
    "users": ("lms.cli.users", "users"),
    "video": ("lms.cli.video", "video"),
    "certificates": ("lms.cli.certificates", "certificates"),
    "hours": ("lms.cli.hours", "hours"),
    "questions": ("lms.cli.questions", "questions"),
    "audit": ("lms.cli.audit", "audit"),
    "keys": ("lms.cli.keys", "keys"),
    "incident": ("lms.cli.incident", "incident"),
}


class LazyGroup(click.Group):
    """Lists all commands without importing the modules of any."""

    def list_commands(self, _context: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        if name not in COMMANDS:
            return None
        module, attribute = COMMANDS[name]
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def make_context(self, *args: Any, **named: Any) -> click.Context:
        with import_module("lms.cli.faults").in_one_line():
            return super().make_context(*args, **named)

    def invoke(self, context: click.Context) -> object:
        with import_module("lms.cli.faults").in_one_line():
            return super().invoke(context)


@click.group(cls=LazyGroup)
def main() -> None:
    """工会干部网络培训平台 · the training platform for trade-union cadres."""
