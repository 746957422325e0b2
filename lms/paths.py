"""Where the files that travel with the code are found, in a checkout as in an installed wheel."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent


def _travelling(name: str) -> Path:
    """A folder that stands beside `lms/` in a checkout and under `lms/_data/` in a wheel."""
    packed = _PACKAGE / "_data" / name
    return packed if packed.is_dir() else _CHECKOUT / name


def templates() -> Path:
    """The Jinja templates."""
    return _travelling("templates")


def migrations() -> Path:
    """The numbered migrations."""
    return _travelling("migrations")


def question_banks() -> Path:
    """The item banks and lecture texts of the eight courses."""
    return _travelling("question_banks")


def static() -> Path:
    """What the browser fetches under /static."""
    return _PACKAGE / "static"


def static_dist() -> Path:
    """The bundles that the front-end build makes, with their manifest.json."""
    return _PACKAGE / "static" / "dist"


def assets() -> Path:
    """Typesetting sources of slides and certificates."""
    return _PACKAGE / "assets"


def fonts() -> Path:
    """The Chinese font family that the front-end build copies from npm."""
    return _PACKAGE / "assets" / "fonts"


def translations() -> Path:
    """The message catalogues."""
    return _PACKAGE / "translations"


def default_home() -> Path:
    """Where the demo keeps its data unless told otherwise: media/demo of the checkout, else lms-demo of the current folder."""
    return _CHECKOUT / "media" / "demo" if (_CHECKOUT / "media").is_dir() else Path.cwd() / "lms-demo"
