"""Pages for everybody: signing in and out, registering, one's own data and sign-ins."""

from lms.accounts.views import code_sign_in, mydata, privacy, register, security, sign_in
from lms.accounts.views.blueprint import bp
from lms.accounts.views.sign_in import inside, open_session

__all__ = ["bp", "code_sign_in", "inside", "mydata", "open_session", "privacy", "register", "security", "sign_in"]
