"""What the description promises, the service does: requests made up from it find no fault inside."""

import contextlib
import os

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from lipwright.api.app import build_api
from support.serving import Api

EXAMPLES = int(os.environ.get("LIPWRIGHT_TEST_EXAMPLES", "5"))
"""Requests to each operation that keep to the description, and as many that do not."""
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def test_requests_made_up_from_the_description_are_answered_as_it_says(api: Api) -> None:
    schema = schemathesis.openapi.from_dict(build_api(api.service).openapi())
    headers = {"authorization": f"Bearer {api.tokens['acme']}"}
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in GenerationMode:

            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                derandomize=True,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def ask(case: schemathesis.Case) -> None:
                nonlocal asked
                asked += 1
                case.validate_response(case.call(base_url=api.url, headers=headers, timeout=20), checks=CHECKS)

            with contextlib.suppress(Unsatisfiable):  # no wrong request to what takes nothing
                ask()
    assert asked > 100
