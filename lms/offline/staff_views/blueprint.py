"""The blueprint that the pages share."""

from flask import Blueprint

bp = Blueprint("offline_staff", __name__)
