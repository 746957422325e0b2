"""All settings, read once from the environment; production refuses to start with a missing or default secret."""

import os
from dataclasses import dataclass, field, fields
from pathlib import Path

_DEFAULT_SECRETS = frozenset({"", "secret", "changeme", "change-me", "dev", "default", "password", "test"})
_LONGEST_GRACE = 30
_MINIMUM_SECRET_LENGTH = 32
_MAXIMUM_KEY_ID_LENGTH = 8


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
    field_keys_old: str = field(default="", repr=False)  # "k0:secret,k9:secret": only read with
    field_unbound: bool = False  # stored values from before they were bound to their place still open
    index_key: str = field(default="", repr=False)  # hashes that people are found by; else derived from the field key
    index_key_next: str = field(default="", repr=False)  # set only while the index key is being rotated
    record_key: str = field(default="", repr=False)  # hashes that vouch for records; else derived from the field key
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
    idle_minutes_learner: int = 30
    idle_minutes_staff: int = 15
    password_min_length: int = 10
    password_max_days_privileged: int = 90
    password_history: int = 5  # so many earlier passwords don't come back
    totp_single_use: bool = True  # a code of the second factor is good once
    sign_in_code_hours: int = 24
    reset_requests_per_name: int = 3  # an hour, for who forgot their password
    lockout_failures: int = 5
    lockout_minutes: int = 15
    sign_ins_per_address: int = 60  # in the lockout's minutes; an office shares one address
    registrations_per_address: int = 30  # an hour
    mail_host: str = ""  # without it mail is kept in the home's outbox, and in production not sent at all
    mail_port: int = 587
    mail_security: str = "starttls"  # starttls | ssl | none
    mail_user: str = ""
    mail_password: str = field(default="", repr=False)
    mail_from: str = ""
    import_rows: int = 1000  # people in one spreadsheet
    item_file_bytes: int = 20 * 1024**2  # of a file of items that is handed in on a page
    export_rows: int = 20_000  # people in one export
    verifications_per_minute: int = 60
    privacy_contact: str = ""  # whom people ask about their data; stands in the privacy notice
    correction_days: int = 15  # so long staff may take to answer a correction
    hours_a_day: int = 0  # self-study credited to a person in one day; more waits for the next; 0: no bound
    hours_settle_days: int = 10  # after a year's end, before its official records are made
    dispute_days: int = 15  # so long staff may take to answer a dispute about hours
    unit_import_rows: int = 2000  # units in one spreadsheet
    unit_export_rows: int = 20_000  # units in one export
    unit_searches_per_minute: int = 600  # of strangers from one address; a training room shares one
    training_people: int = 500  # in one training that a unit enters
    training_days_back: int = 366  # so long after its last day a training may be entered
    training_hours_a_day: int = 8  # half a day counts 4
    reminder_days: str = "90,60,30,7"  # before the year's end, to who is behind; empty sends none
    proof_mb: int = 10  # largest proof of a training
    beat_seconds: int = 15
    classroom_seats: int = 60  # people at once in a branch classroom
    classroom_code_seconds: int = 60  # so long a sign-in code is shown; the one before it is still taken
    grant_seconds: int = 300
    papers_ahead: int = 500  # of an exam that is about to begin
    exam_grace_seconds: int = 3  # for saves under way at the bell; an exam keeps what it was published under
    worker_slots: int = 2
    job_lease_seconds: int = 20
    signing_dir: str = ""
    seal_log: str = ""  # where the heads of the record's seals are kept outside the database
    audit_export_rows: int = 50_000
    issuer_name: str = "工会干部网络培训平台"
    demo_fast: bool = False  # lectures of the demo last about 6 seconds
    demo_learners: int = 0  # learners of the demo who have finished all courses
    log_level: str = "INFO"

    @property
    def demo(self) -> bool:
        """Whether accounts and content are made up for demonstration."""
        return self.mode == "demo"

    @property
    def old_field_keys(self) -> dict[str, str]:
        """Secrets of earlier field keys by id. Raises SettingsError when the setting is not a list of id:secret."""
        keys: dict[str, str] = {}
        for entry in filter(None, self.field_keys_old.split(",")):
            key_id, colon, secret = entry.strip().partition(":")
            if not (colon and key_id.isalnum() and secret) or key_id in keys or key_id == self.field_key_id:
                raise SettingsError(
                    'LMS_FIELD_KEYS_OLD must be "id:secret,id:secret", each id once and not the current'
                )
            keys[key_id] = secret
        return keys

    @property
    def database(self) -> str:
        """The database's address; SQLite in the home folder unless one is set."""
        return self.database_url or f"sqlite:///{self.home / 'lms.sqlite3'}"

    @property
    def seal_log_path(self) -> Path:
        """The log of the heads of all seals; best on another disk, or another machine's, than the database."""
        return Path(self.seal_log) if self.seal_log else self.home / "seals.log"

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
    if settings.mail_security not in {"starttls", "ssl", "none"}:
        raise SettingsError("LMS_MAIL_SECURITY must be starttls, ssl or none")
    if settings.mail_host and "@" not in settings.mail_from:
        raise SettingsError("LMS_MAIL_FROM must be the address that mail comes from when LMS_MAIL_HOST is set")
    if not 0 <= settings.exam_grace_seconds <= _LONGEST_GRACE:
        raise SettingsError(f"LMS_EXAM_GRACE_SECONDS must be 0 to {_LONGEST_GRACE}: it is time that everybody can use")
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
    _check_hash_keys(settings)
    if settings.mode == "production" and not settings.privacy_contact:
        raise SettingsError("LMS_PRIVACY_CONTACT must say whom people ask about their data: a post, telephone, address")
    if settings.mode == "production" and not settings.database_url:
        raise SettingsError("LMS_DATABASE_URL must name the database in production")


def _check_hash_keys(settings: Settings) -> None:
    if not settings.field_key_id.isalnum() or len(settings.field_key_id) > _MAXIMUM_KEY_ID_LENGTH:
        raise SettingsError(f"LMS_FIELD_KEY_ID must be at most {_MAXIMUM_KEY_ID_LENGTH} letters and digits")
    own = {name: getattr(settings, name) for name in ("index_key", "record_key", "index_key_next")}
    for name, value in own.items():
        if value and len(value) < _MINIMUM_SECRET_LENGTH:
            raise SettingsError(f"LMS_{name.upper()} must be at least {_MINIMUM_SECRET_LENGTH} characters")
    if settings.index_key_next and settings.index_key_next == settings.index_key:
        raise SettingsError("LMS_INDEX_KEY_NEXT is LMS_INDEX_KEY already: take it out")
    needed = [f"LMS_{name.upper()}" for name in ("index_key", "record_key") if not own[name]]
    if settings.old_field_keys and needed:  # a hash under the new field key would find nobody and vouch for nothing
        raise SettingsError(f"with LMS_FIELD_KEYS_OLD set, {' and '.join(needed)} must be set: to the oldest field key")
    if settings.mode != "production":
        return
    if needed:
        raise SettingsError(f"{' and '.join(needed)} must be set in production, each a random secret of its own")
    if settings.field_key in own.values() or settings.index_key == settings.record_key:
        raise SettingsError("LMS_FIELD_KEY, LMS_INDEX_KEY and LMS_RECORD_KEY must differ")


_used: list[Settings] = []


def use(settings: Settings) -> None:
    """Makes `settings` those of this process; create_app() calls it once."""
    _used[:] = [settings]


def current() -> Settings:
    """The settings of this process."""
    if not _used:
        raise SettingsError("no settings are in use: create_app() sets them")
    return _used[0]
