"""Owns certificates: who may have one, its number, its printed facts, its documents, signatures, states and public verification.

It does not own what a certificate rests on: enrolments (classes), completed courses (learning), attempts (exams) and 学时 (hours)
are read through those subjects' queries and copied into the facts at the moment of issue.
"""
