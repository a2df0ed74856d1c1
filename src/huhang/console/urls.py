"""Addresses of the staff's room."""

from django.urls import path, re_path

from huhang.console import (
    bulletins,
    cases,
    checking,
    dispositions,
    imports,
    papers,
    people,
    places,
    queue,
    reports,
    signing,
    tokens,
)

app_name = "console"
urlpatterns = [
    path("", signing.home, name="home"),
    path("sign-in/", signing.sign_in, name="sign_in"),
    path("sign-out/", signing.sign_out, name="sign_out"),
    path("invitation/<str:token>/", signing.invitation, name="invitation"),
    path("cases/", queue.queue, name="queue"),
    path("batch/", queue.batch, name="batch"),
    path("cases/<str:ref>/", cases.case, name="case"),
    path("cases/<str:ref>/files/<str:file>/", cases.attachment, name="attachment"),
    path("cases/<str:ref>/do/<str:verb>/", cases.verb, name="verb"),
    path("cases/<str:ref>/papers/<str:paper>/issue/", papers.issue, name="issue"),
    path("cases/<str:ref>/papers/<str:paper>/<str:suffix>/", papers.paper, name="paper"),
    path("papers/", papers.numbers, name="numbers"),
    path("papers/<str:number>/void/", papers.void, name="void"),
    path("notices/", places.notices, name="notices"),
    path("reports/new/", reports.new_report, name="new_report"),
    path("imports/", imports.imports, name="imports"),
    path("dispositions/", dispositions.by_unit, name="dispositions"),
    path("dispositions/names/", dispositions.names, name="names"),
    path("imports/<str:ref>/", imports.import_run, name="import_run"),
    path("imports/<str:ref>/refused.xlsx", imports.refusals, name="refusals"),
    path("bulletin/", bulletins.bulletin, name="bulletin"),
    path("bulletin/cases/", bulletins.bulletin_cases, name="bulletin_cases"),
    path("bulletin/publish/", bulletins.publish, name="publish"),
    path("bulletin/<str:ref>/", bulletins.published, name="published"),
    path("bulletin/<str:ref>/withdraw/", bulletins.withdraw, name="withdraw"),
    path("check-figures/", checking.check_figures, name="check_figures"),
    path("sites/", places.site_list, name="sites"),
    re_path(r"^sites/poster\.(?P<form>pdf|png)$", places.poster, name="poster"),
    re_path(
        r"^sites/(?P<code>[a-z0-9-]+)/poster\.(?P<form>pdf|png)$", places.poster, name="site_poster"
    ),
    path("units/", places.units, name="units"),
    path("units/<str:code>/", places.unit, name="unit"),
    path("people/", people.people, name="people"),
    path("people/<str:username>/", people.person, name="person"),
    path("log/", places.log, name="log"),
    path("tokens/", tokens.tokens, name="tokens"),
    path("tokens/<str:ref>/revoke/", tokens.revoke, name="revoke_token"),
]
