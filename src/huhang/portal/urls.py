"""Addresses of the public's room. A site's code stands alone after /r/."""

from django.urls import path

from huhang.portal import back, open_log, privacy, views

app_name = "portal"
urlpatterns = [
    path("", views.start, name="start"),
    path("new/", views.report, name="report"),
    path("kept/", views.kept, name="kept"),
    path("back/", back.come_back, name="back"),
    path("privacy/", privacy.privacy, name="privacy"),
    path("log/", open_log.page, name="log"),
    path("log/check/", open_log.check, name="check"),
    path("<slug:site>/", views.start, name="site"),
]
