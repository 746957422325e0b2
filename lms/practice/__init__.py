"""Owns what learners do with practice banks: rounds of ten, the book of what they got wrong, progress, mock exams.

It does not own items (questionbank) nor how papers are drawn and scored (exams). Nothing here is official: it brings no
hours, no certificate and no line of any record, and no item of an exam's bank ever comes near it (queries, and triggers).
"""
