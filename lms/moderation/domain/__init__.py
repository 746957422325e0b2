"""The rules of review as plain functions on plain data: the table of states and who may review."""
