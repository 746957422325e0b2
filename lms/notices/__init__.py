"""Owns messages to people: one row for each person and message, read on the platform, and sent by mail after the commit.

It does not own the occasion: whoever has something to tell brings the text, its figures and where it leads.
"""
