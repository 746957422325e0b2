"""Owns people, their accounts, passwords, second factors and sign-in sessions. Does not own what they may do (access)."""
