"""Rules of accommodations on plain data."""
