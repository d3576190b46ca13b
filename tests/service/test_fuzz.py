"""Whatever is sent, fitting the description or not: no fault of ours comes back."""

import logging
import time

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from service.parts import made, script

from mriocarbon.service import confined

REQUESTS = 2000


@pytest.mark.slow
def test_thousands_of_requests_and_no_fault_of_ours(tmp_path, monkeypatch, caplog):
    import schemathesis
    from schemathesis import GenerationMode
    from schemathesis.core.failures import FailureGroup
    from schemathesis.specs.openapi import checks

    described = [
        checks.status_code_conformance, checks.content_type_conformance,
        checks.response_schema_conformance, checks.response_headers_conformance,
    ]  # fmt: skip

    caplog.set_level(logging.ERROR, "mriocarbon.service")  # for this test alone
    # jobs are made but do nothing: what is tried here is the API
    monkeypatch.setattr(confined, "start", script("end('failed')"))
    app = made(tmp_path, job_queue=10_000, jobs_kept=5)
    schema = schemathesis.openapi.from_dict(app.openapi())
    schema.app = app
    job = app.state.jobs.submit("account", {})
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 80
    each = REQUESTS // (2 * len(operations)) + 1
    sent, faults, slow = [], [], []

    def send(case):
        if "number" in (case.path_parameters or {}) and len(sent) % 2:
            case.path_parameters["number"] = job
        begun = time.perf_counter()
        answer = case.call(base_url="http://127.0.0.1", timeout=600)
        sent.append(answer.status_code)
        slow.append((round(time.perf_counter() - begun, 1), case.as_curl_command()))
        if answer.status_code >= 500:
            faults.append((case.as_curl_command(), answer.text[:300]))
        elif answer.status_code >= 400:
            kind = answer.headers["content-type"][0]
            if kind != "application/problem+json":
                faults.append((case.as_curl_command(), f"{answer.status_code} as {kind}"))
        try:  # status, kind of content, headers and body are what the description says
            case.validate_response(answer, checks=described)
        except FailureGroup as group:
            faults.extend((case.as_curl_command(), str(one)) for one in group.exceptions)

    for one in operations:
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            try:
                strategy = one.as_strategy(generation_mode=mode)
                hypothesis.settings(
                    max_examples=each, deadline=None, database=None, derandomize=True,
                    phases=[Phase.generate], suppress_health_check=list(HealthCheck),
                )(hypothesis.given(case=strategy)(send))()  # fmt: skip
            except (hypothesis.errors.Unsatisfiable, schemathesis.errors.SchemathesisError):
                continue  # an operation without parameters has no wrong ones
    app.state.jobs.close()
    print(len(sent), "requests; the longest:", *sorted(slow)[-10:], sep="\n")
    assert not faults, "\n".join(f"{curl}\n  {text}" for curl, text in faults[:10])
    assert len(sent) >= REQUESTS, len(sent)
    assert {200, 202, 404, 422} <= set(sent)
