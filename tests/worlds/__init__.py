"""Pairs of small random worlds: with a report that accuses somebody, and without it.

Whatever the accused opens must be the same in both, byte for byte.
"""
