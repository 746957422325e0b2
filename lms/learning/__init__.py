"""Owns learning: playback leases, beats, the watched intervals of a person in a media asset, and when a course is complete.

It does not own the video or its duration (video), which lectures a course has (catalogue), who is enrolled in a class
(classes), or what a completed course is worth in 学时 (hours, which listens to `course_completed`).
"""
