"""All settings, read once from the environment; production refuses to start with a missing or default secret."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path

_DEFAULT_SECRETS = frozenset({"", "secret", "changeme", "change-me", "dev", "default", "password", "test"})
_MINIMUM_SECRET_LENGTH = 32


class SettingsError(Exception):
    """A setting is missing or unusable; the message names it and says how to mend it."""


@dataclass(frozen=True)
class Settings:
    """Values that do not change while the process runs. Each is set by LMS_<NAME>."""

    mode: str = "production"  # production | demo | test
    home: Path = Path("media/home")
    database_url: str = ""
    secret_key: str = field(default="", repr=False)
    field_key: str = field(default="", repr=False)  # encrypts personal fields at rest, see infra/crypto
    field_key_id: str = "k1"
    base_url: str = "http://127.0.0.1:8000"
    trusted_proxies: int = 0
    secure_cookies: bool = True
    ffmpeg: str = ""
    fence: str = "auto"  # auto | bwrap | launcher
    font_dirs: str = ""
    max_upload_bytes: int = 2 * 1024**3
    max_body_bytes: int = 2 * 1024**2
    max_video_minutes: int = 240
    session_hours: int = 12
    password_min_length: int = 10
    lockout_failures: int = 5
    lockout_minutes: int = 15
    sign_ins_per_address: int = 60  # in the lockout's minutes; an office shares one address
    registrations_per_address: int = 30  # an hour
    verifications_per_minute: int = 60
    beat_seconds: int = 15
    grant_seconds: int = 300
    worker_slots: int = 2
    job_lease_seconds: int = 20
    signing_dir: str = ""
    issuer_name: str = "工会干部网络培训平台"
    demo_fast: bool = False  # lectures of the demo last about 6 seconds
    demo_learners: int = 0  # learners of the demo who have finished all courses
    log_level: str = "INFO"

    @property
    def demo(self) -> bool:
        """Whether accounts and content are made up for demonstration."""
        return self.mode == "demo"

    @property
    def database(self) -> str:
        """The database's address; SQLite in the home folder unless one is set."""
        return self.database_url or f"sqlite:///{self.home / 'lms.sqlite3'}"

    @property
    def signing_folder(self) -> Path:
        """Where the certificate authority's files lie; only the worker may read the key in production."""
        return Path(self.signing_dir) if self.signing_dir else self.home / "signing"


def _read(name: str, kind: type, text: str) -> object:
    if kind is bool:
        if text.lower() not in {"1", "0", "true", "false", "yes", "no"}:
            raise SettingsError(f"LMS_{name.upper()} must be 1 or 0, not {text!r}")
        return text.lower() in {"1", "true", "yes"}
    if kind is int:
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"LMS_{name.upper()} must be a whole number, not {text!r}") from None
    if issubclass(kind, Path):
        return Path(text).resolve()
    return text


def from_environment(environ: dict[str, str] | None = None) -> Settings:
    """Settings from LMS_… variables. Raises SettingsError naming what is missing or unusable."""
    source = os.environ if environ is None else environ
    values: dict[str, object] = {}
    for item in fields(Settings):
        text = source.get(f"LMS_{item.name.upper()}")
        if text is not None:
            values[item.name] = _read(item.name, type(item.default), text)
    settings = Settings(**values)  # type: ignore[arg-type]  # each value was read by its field's own type
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """Raises SettingsError when a value can't be served with."""
    if settings.mode not in {"production", "demo", "test"}:
        raise SettingsError("LMS_MODE must be production, demo or test")
    if settings.fence not in {"auto", "bwrap", "launcher"}:
        raise SettingsError("LMS_FENCE must be auto, bwrap or launcher")
    for name in ("secret_key", "field_key"):
        value = getattr(settings, name)
        if value.lower() in _DEFAULT_SECRETS or len(value) < _MINIMUM_SECRET_LENGTH:
            raise SettingsError(
                f"LMS_{name.upper()} must be a random secret of at least {_MINIMUM_SECRET_LENGTH} characters; "
                'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
            )
    if settings.secret_key == settings.field_key:
        raise SettingsError("LMS_SECRET_KEY and LMS_FIELD_KEY must differ")
    if settings.mode == "production" and not settings.database_url:
        raise SettingsError("LMS_DATABASE_URL must name the database in production")


_used: list[Settings] = []


def use(settings: Settings) -> None:
    """Makes `settings` those of this process; create_app() calls it once."""
    _used[:] = [settings]


def current() -> Settings:
    """The settings of this process."""
    if not _used:
        raise SettingsError("no settings are in use: create_app() sets them")
    return _used[0]
