"""The blueprint that the staff pages of access share."""

from flask import Blueprint

bp = Blueprint("access_staff", __name__)
