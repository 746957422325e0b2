"""Owns the record of who did what to what: append only, each row with a keyed hash."""
