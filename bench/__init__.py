"""Measures the hot paths of the real application under gunicorn and prints one JSON line each; `python -m bench --help`."""
