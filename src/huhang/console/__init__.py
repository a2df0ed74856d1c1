"""The staff's room: queue, cases with their verbs, imports, bulletins, units, people, sites.

Sign-in is needed by default; what a person may not know of and what is not there answer the same.
"""
