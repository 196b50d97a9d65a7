"""Tests of lessons on the disk."""
