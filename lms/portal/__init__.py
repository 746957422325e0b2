"""Owns only pages and commands that span subjects: home, class page, desks, health, the demo. No rules, no tables."""
