"""Owns the item banks: items and their immutable versions, the readable text format, import, export and the rules of the craft.

It does not own papers, attempts or statistics of answers (exams), nor the courses that a bank belongs to (catalogue).
"""
