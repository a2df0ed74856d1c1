"""Whatever a program sends, nothing breaks: schemathesis makes requests of docs/openapi.json, good
ones and bad ones, and no answer is a 5xx."""

from __future__ import annotations

from functools import partial
from typing import Any

import orjson
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode

from huhang.api.urls import api
from huhang.cases.models import Case
from huhang.kernel.actor import OPERATOR
from huhang.kernel.write import write
from huhang.parties import actions
from tests.cast import carry, case_of, file_report, found_district, token_of

pytestmark = pytest.mark.django_db
EXAMPLES, MANY = 20, 60
DRAWN = ("/api/v1/poster", "/api/v1/cases/{ref}/papers/{paper}/file")
"""Drawing takes a second, or some: a few are enough."""
LIKELY = {"channel": "letter", "kind": "demand", "unit": "market", "group": "group-1", "role": "handler",
          "figure": "cases_received", "verb": "note", "reason": "complex", "finding": "unfounded",
          "form": "list", "responsible": "group:group-1", "occurred_on": "2026-01-01",
          "from": "2026-01-01", "to": "2026-02-01", "parent": "gov", "units": ["market"]}  # fmt: skip
SCHEMA = schemathesis.openapi.from_dict(orjson.loads(
    orjson.dumps(api.get_openapi_schema(), option=orjson.OPT_NON_STR_KEYS)
))  # fmt: skip
OPERATIONS = {
    f"{one.ok().method.upper()} {one.ok().path}": one.ok() for one in SCHEMA.get_all_operations()
}


@pytest.fixture
def asking() -> dict[str, str]:
    """Somebody with every role, and a case that they may carry."""
    district = found_district()
    case = carry(district, case_of(file_report(district, "market")), to="assigned")

    def roles(w: Any) -> None:
        for role in ("leader", "administrator"):
            actions.add_membership(w, "intake", role=role, group="office")
        actions.add_membership(w, "intake", role="handler", unit="market")

    write(roles, actor=OPERATOR)
    return {"ref": case.ref, "token": token_of(district.users["intake"])}


def _application(token: str, environ: dict[str, Any], start_response: Any) -> Any:
    """The application as a server calls it, with the token; but the test's connection stays open
    after a request. What was sent is closed here: the client leaves a long form's file open."""
    environ.update(HTTP_AUTHORIZATION=f"Bearer {token}", HTTP_ACCEPT_LANGUAGE="en")
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        response = get_wsgi_application()(environ, start_response)
        content = [bytes(block) for block in response]
        response.close()
        return content
    finally:
        environ["wsgi.input"].close()
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


def _fuzz(name: str, asking: dict[str, str], examples: int) -> None:
    operation = OPERATIONS[name]
    real = {"ref": asking["ref"], "file": asking["ref"], "code": "market", "username": "handler",
            "paper": "registration"}  # fmt: skip
    version = Case.objects.get(ref=asking["ref"]).version
    likely = {**LIKELY, "version": version, "refs": [asking["ref"]]}
    both = st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in GenerationMode))

    @settings(
        max_examples=3 if operation.path in DRAWN else examples, deadline=None, database=None,
        derandomize=True, suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],
    )  # fmt: skip
    @given(both, st.booleans())
    def run(case: Any, in_place: bool) -> None:
        if in_place:  # so that not all of it ends at the door
            if case.path_parameters:
                case.path_parameters = {k: real.get(k, v) for k, v in case.path_parameters.items()}
            for part in (case.body, case.query):
                if isinstance(part, dict):
                    part.update({k: v for k, v in likely.items() if k in part})
        response = case.call(app=partial(_application, asking["token"]))
        assert response.status_code < 500, (name, case.body, case.query, case.path_parameters)
        if response.status_code >= 400:
            error = response.json()["error"]
            assert set(error) == {"field", "reason"}, name
            assert error["reason"], name

    run()


@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_breaks_it(name: str, asking: dict[str, str]) -> None:
    _fuzz(name, asking, EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("name", OPERATIONS)
def test_no_request_of_many_breaks_it(name: str, asking: dict[str, str]) -> None:
    _fuzz(name, asking, MANY)
