"""What gunicorn loads: `lms.wsgi:application`."""

from lms import settings
from lms.app import create_app

application = create_app(settings.from_environment())
