"""The rules of certificates as plain functions on plain data."""
