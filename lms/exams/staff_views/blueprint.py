"""The blueprint of the exams' staff pages."""

from flask import Blueprint

bp = Blueprint("exams_staff", __name__)
