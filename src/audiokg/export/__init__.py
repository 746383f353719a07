"""Formats that leave the house: one module a family."""
