"""The blueprint that the staff pages of accounts share."""

from flask import Blueprint

bp = Blueprint("accounts_staff", __name__)
