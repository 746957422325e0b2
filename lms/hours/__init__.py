"""Owns 学时: the append-only ledger, the versioned rules that turn minutes into hours, and the yearly targets.

It does not own what earns hours: course completion comes from learning by signal. It knows no watched seconds and no
scores, and an entry, once written, is corrected only by another entry.
"""
