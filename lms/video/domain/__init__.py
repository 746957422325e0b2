"""What is true of captions and media without any database or player: plain functions on plain data."""
