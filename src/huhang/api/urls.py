"""Addresses of the programs' room. Importing the modules puts their operations on the API."""

from django.urls import path, re_path

from huhang.api import auditing as auditing
from huhang.api import bulletins as bulletins
from huhang.api import calendar, georeport
from huhang.api import cases as cases
from huhang.api import checking as checking
from huhang.api import dashboard as dashboard
from huhang.api import dispositions as dispositions
from huhang.api import drafts as drafts
from huhang.api import due as due
from huhang.api import lists as lists
from huhang.api import papers as papers
from huhang.api import people as people
from huhang.api import places as places
from huhang.api import push as push
from huhang.api import reports as reports
from huhang.api import returns as returns
from huhang.api import sources as sources
from huhang.api import verbs as verbs
from huhang.api.operations import api

FORM = r"\.(?P<form>json|xml)$"
urlpatterns = [
    path("api/v1/due.ics", calendar.due, name="due_calendar"),
    path("api/v1/", api.urls),
    re_path(r"^open311/v2/discovery" + FORM, georeport.discovery),
    re_path(r"^open311/v2/services" + FORM, georeport.services),
    re_path(r"^open311/v2/services/(?P<code>[\w-]{1,40})" + FORM, georeport.definition),
    re_path(r"^open311/v2/requests" + FORM, georeport.requests),
    re_path(r"^open311/v2/requests/(?P<ref>[\w-]{1,40})" + FORM, georeport.request_by_id),
    re_path(r"^open311/v2/tokens/(?P<token>[\w-]{1,40})" + FORM, georeport.token),
]
