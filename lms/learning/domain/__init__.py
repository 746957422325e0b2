"""The rules of watching as plain functions on plain data: intervals, the worth of a beat, when a lecture is complete."""
