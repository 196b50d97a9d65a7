"""Editors of declared parameters, and the forms built from them."""
