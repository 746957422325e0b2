"""The rules of exams as plain functions on plain data: blueprint, drawing, answers, attempts, scoring."""
