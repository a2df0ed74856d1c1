"""The read model that figures count: one row for each case, in Parquet, read by DuckDB.

Purpose: answer figures at a million cases and more. Made from the log's manifests alone, up to a
tick, so that it is the same whether it grew tick by tick or was made anew.
Invariants: nothing in it is summed up beforehand; each row says who may not know of it; readers see
the state of one tick, whole, never a half-written one.
"""
