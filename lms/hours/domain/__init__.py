"""The rules of 学时 as plain functions on plain data: what a course is worth, and yearly targets."""
