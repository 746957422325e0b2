"""Owns roles, scopes and the one answer to "may this person do this to that?"."""
