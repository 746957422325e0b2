"""What gunicorn loads: `lms.wsgi:application`."""

import os

from lms import settings as settings_module
from lms.app import create_app
from lms.infra import db
from lms.infra.authority import AuthorityFiles
from lms.settings import Settings, SettingsError


def refuse_signing_key(settings: Settings) -> None:
    """Raises SettingsError when a production web process could read the key that seals certificates: only the worker may."""
    key = AuthorityFiles(settings.signing_folder).key
    if settings.mode == "production" and os.access(key, os.R_OK):
        raise SettingsError(
            f"the web process can read {key}: run it as another user than the worker and set the key's mode to 600"
        )


_settings = settings_module.from_environment()
refuse_signing_key(_settings)
application = create_app(_settings)
db.engine().dispose()  # gunicorn forks after this: no connection may be shared by two processes
