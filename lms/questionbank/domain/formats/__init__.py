"""Readers and writers of item formats: text in, items and named faults out; never an exception, never half an item."""
