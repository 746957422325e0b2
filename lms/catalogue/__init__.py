"""Owns teachers, courses, lectures and their versions, and what of them learners may see. Review itself is moderation's."""
