"""The command line: parse, one call, answer. Exit status 0 done, 1 done with refusals or a failed
verification, 2 unusable input or arguments (one line on standard error, never a traceback).
"""
