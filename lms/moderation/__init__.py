"""Owns the review of everything uploaded: revisions, the decisions of two levels, suspension and retirement.

It does not own the content under review (catalogue, video, questionbank): it knows a revision by its kind, id and
content hash, and tells the owning subject by signal when the state changes.
"""
