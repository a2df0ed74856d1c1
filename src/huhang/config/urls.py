"""Addresses: Chinese without a prefix, English under /en/."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from huhang.config.health import healthz
from huhang.portal import open_log

LOG = r"(?P<place>log(?:[2-9]|[1-9][0-9]{1,3})?)"
"""The public folders of this log and of those that ended."""
urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("", include("huhang.api.urls")),
    re_path(rf"^{LOG}/policy$", open_log.keys, name="log_keys"),
    re_path(rf"^{LOG}/(?P<path>.+)$", open_log.file, name="log_file"),
    *i18n_patterns(
        path("", RedirectView.as_view(pattern_name="portal:start"), name="home"),
        path("r/", include("huhang.portal.urls")),
        path("console/", include("huhang.console.urls")),
        prefix_default_language=False,
    ),
]
handler400 = "huhang.look.views.bad_request"
handler403 = "huhang.look.views.forbidden"
handler404 = "huhang.look.views.not_found"
handler500 = "huhang.look.views.server_error"
