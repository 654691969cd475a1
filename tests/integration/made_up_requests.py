"""Requests that schemathesis makes up from the API's own OpenAPI document, sent over HTTP.

Half of them fit the document and half do not. Ids are made up in one request of three; in the
others they are ids that the product has told of before, so that what lies behind them is reached.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.transport import Response
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
SAID_TO_WAIT = 503
"""``temporarily_unavailable`` and its like are documented answers, but not of a product at rest."""
STREAM = "text/event-stream"
CALL_TIMEOUT_S = 60

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "6"))
"""Requests for an operation; `make fuzz` sends more, from another seed each time."""
SEED = os.environ.get("FUZZ_SEED")


@dataclass
class KnownIds:
    """Ids by the path parameter that takes them, as answers told of them."""

    templates: list[str]
    found: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, path: str, said: Any) -> None:
        """From the answer of a collection, or of what was made in it."""
        for template in self.templates:
            collection, _, last = template.rpartition("/")
            if last.startswith("{") and collection == path and isinstance(said, dict):
                items = said["items"] if isinstance(said.get("items"), list) else [said]
                for item in items:
                    if isinstance(item, dict) and isinstance(item.get("id"), str):
                        self.found[last.strip("{}")].append(item["id"])

    def fill(self, parameters: dict[str, Any], which: int) -> dict[str, Any]:
        known = {name: self.found[name] for name in parameters if self.found.get(name)}
        return parameters | {name: ids[which % len(ids)] for name, ids in known.items()}


class MadeUpRequests:
    """``sign_in`` gives a token; it is asked again before each operation, which may end it."""

    def __init__(
        self, url: str, sign_in: Callable[[], str], *, leave_out: set[str], examples: int
    ) -> None:
        self._sign_in = sign_in
        self._examples = examples
        self._leave_out = leave_out
        self._schema = schemathesis.openapi.from_url(
            f"{url}/v1/openapi.json", headers=_headers(sign_in())
        )
        self._schema.config.update(base_url=url)
        self.ids = KnownIds([operation.path for operation in self.operations()])
        self.sent = 0

    def operations(self) -> Iterator[APIOperation]:
        for found in self._schema.get_all_operations():
            operation = found.ok()
            if f"{operation.method.upper()} {operation.path}" not in self._leave_out:
                yield operation

    def faults_of(self, operation: APIOperation) -> list[str]:
        """What the product answered that it must not, each with the request as a curl command."""
        token, faults = self._sign_in(), []

        def send(case: schemathesis.Case, which: int) -> None:
            if which % 3:
                case.path_parameters = self.ids.fill(case.path_parameters or {}, which)
            if "wait_s" in (case.query or {}):
                case.query["wait_s"] = 0
            self.sent += 1
            faults.extend(self._fault(case, token))

        settings = hypothesis.settings(
            max_examples=self._examples if _takes_anything(operation) else 1,
            phases=[Phase.generate],
            derandomize=SEED is None,
            database=None,
            deadline=None,
            verbosity=Verbosity.quiet,
            suppress_health_check=list(HealthCheck),
        )
        run = settings(hypothesis.given(_cases(operation), st.integers(0, 99))(send))
        if SEED is not None:
            run = hypothesis.seed(int(SEED))(run)
        run()
        return faults

    def _fault(self, case: schemathesis.Case, token: str) -> Iterator[str]:
        is_stream = STREAM in str(case.operation.definition.raw.get("responses"))
        try:
            answer = _streamed(case, token) if is_stream else _called(case, token)
        except requests.RequestException as error:
            yield f"{type(error).__name__} {error}\n{_curl(case)}"
            return
        if answer is None:
            return
        if answer.status_code == SAID_TO_WAIT and case.operation.path != "/readyz":
            yield f"503 of a product at rest: {answer.text}\n{_curl(case)}"
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, AssertionError) as failure:
            yield f"{failure}\n{_curl(case)}"
        if answer.status_code < 300 and _is_one_json_value(answer):
            self.ids.learn(case.operation.path, answer.json())


def _is_one_json_value(answer: Response) -> bool:
    """Not the export of the audit log, which is lines of them."""
    return str(answer.headers.get("content-type", [""])[0]).split(";")[0] == "application/json"


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def _cases(operation: APIOperation) -> st.SearchStrategy[schemathesis.Case]:
    fitting = operation.as_strategy(GenerationMode.POSITIVE)
    if not _takes_anything(operation):
        return fitting
    return fitting | operation.as_strategy(GenerationMode.NEGATIVE)


def _takes_anything(operation: APIOperation) -> bool:
    return bool(operation.body or operation.path_parameters or operation.query)


def _called(case: schemathesis.Case, token: str) -> Response:
    return case.call(headers=_headers(token), timeout=CALL_TIMEOUT_S)


def _streamed(case: schemathesis.Case, token: str) -> Response | None:
    """A refusal is read; a stream that begins is hung up, for it may never end."""
    sent = case.as_transport_kwargs(headers=_headers(token))
    with requests.request(**sent, stream=True, timeout=CALL_TIMEOUT_S) as answer:
        if answer.status_code == 200 and answer.headers["content-type"].startswith(STREAM):
            return None
        return Response.from_requests(answer, verify=True)


def _curl(case: schemathesis.Case) -> str:
    return case.as_curl_command()
