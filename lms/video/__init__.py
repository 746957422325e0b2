"""Owns uploaded video: the check at the gate, encoding, captions and signed delivery. Does not own what lecture it is for."""
