"""Pages for everybody: signing in and out, registering, one's own data and sign-ins."""

from lms.accounts.views import register, sign_in
from lms.accounts.views.blueprint import bp
from lms.accounts.views.sign_in import inside, open_session

__all__ = ["bp", "inside", "open_session", "register", "sign_in"]
