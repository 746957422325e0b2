"""Owns accommodations 便利安排: more time in exams and for presence checks, granted to a person by two members of staff.

It keeps the measure and the days on which it holds, never the diagnosis behind it. It does not own what the measures
change: exams and learning ask for them when an attempt or a lease begins.
"""
