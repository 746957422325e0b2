"""Staff pages of accounts: people, their units and identities, one-time codes, corrections, disclosures."""

from lms.accounts.staff_views.blueprint import bp

__all__ = ["bp"]
