"""The console script `lms`; it hands the application's factory to the commands, which stand below it."""

from lms import cli
from lms.app import create_app


def main() -> None:
    """Runs the command that the arguments name."""
    cli.main(obj=create_app)


if __name__ == "__main__":
    main()
