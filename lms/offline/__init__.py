"""Owns training that took place elsewhere: what a unit enters of it with its proof, who approves it one level up, and what it credits.

It does not own the ledger: an approved training is written into it by the hours subject, in the same transaction.
"""
