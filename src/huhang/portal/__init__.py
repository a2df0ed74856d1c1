"""The public's room: report by scan code, come back by code. Parse, one call, answer.

No account and no session; the answers of earlier pages travel in the form itself until the report
is sent. Nothing here reads what the console reads but the report whose code somebody holds.
"""
