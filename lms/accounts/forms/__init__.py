"""The forms of the pages of accounts, one file a subject."""

from lms.accounts.forms.registration import RegistrationForm as RegistrationForm
from lms.accounts.forms.sign_in import (
    CodeForm as CodeForm,
    CodeSignInForm as CodeSignInForm,
    EnrolForm as EnrolForm,
    ForgottenForm as ForgottenForm,
    PasswordForm as PasswordForm,
    ReasonForm as ReasonForm,
    SignInForm as SignInForm,
)
