"""What a message to a person is, as plain data."""
