"""Tests of the lessons without a window."""
