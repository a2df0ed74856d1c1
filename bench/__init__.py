"""Benchmarks: ``python -m bench`` prints a table with its method and writes bench/results.json."""
