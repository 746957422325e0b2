"""Owns training classes, their course lists and who is enrolled. Does not own what was learnt (learning) or examined (exams)."""
