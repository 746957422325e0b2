"""The rules of practice, free of any framework."""
