"""Owns the tree of unions and units. Does not own who belongs to them (accounts) or who may act for them (access)."""
