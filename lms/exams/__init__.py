"""Owns exams: blueprints, drawing a paper, attempts with their deadline, autosaved answers, scoring.

It does not own the items and their versions (questionbank), whether the courses of a class are complete (learning),
or what a passed exam leads to (certificates, which listens to `attempt_graded`).
"""
