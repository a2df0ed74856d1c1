"""The programs' room: a REST API for what people do in the console, and Open311 GeoReport v2.

Parse, one call, answer: the same functions as the pages, the same gate and transition table. Who
asks is a token, which acts for its user within scopes; no cookies, no sessions. What is hidden and
what is missing answer the same bytes. docs/openapi.json is generated from it.
"""
