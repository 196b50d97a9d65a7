"""Lessons on the disk: folders of a teacher's own, and the progress of the learners."""
