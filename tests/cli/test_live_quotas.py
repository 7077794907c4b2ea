"""`mlstage check --live`, with AWS's answers given by botocore's own stubber."""

from __future__ import annotations

from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.stub import Stubber  # type: ignore[import-untyped]

from mlstage.catalog.refresh import quotas
from tests.project_support import Project

MACHINE = "ml.m5.xlarge for endpoint usage"


def answering(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, dict[str, float] | str]) -> Stubber:
    client = boto3.client(
        "service-quotas", region_name="us-east-1", aws_access_key_id="testing", aws_secret_access_key="testing"
    )
    stubber = Stubber(client)
    for operation, answer in answers:
        if isinstance(answer, str):
            stubber.add_client_error(operation, answer)
            continue
        listed = [{"QuotaName": name, "QuotaCode": "L-9", "Value": value} for name, value in answer.items()]
        stubber.add_response(operation, {"Quotas": listed}, {"ServiceCode": "sagemaker"})
    stubber.activate()
    monkeypatch.setattr(quotas, "account", lambda _region: quotas.Account(client))
    return stubber


def all_of(value: float) -> dict[str, float]:
    names = (
        "ml.c5.xlarge for spot training job usage",
        "ml.t2.medium for endpoint usage",
        "ml.t3.medium for notebook instance usage",
    )
    return dict.fromkeys(names, value)


def test_the_account_s_own_quota_goes_before_the_default(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    stubber = answering(
        monkeypatch,
        ("list_aws_default_service_quotas", {**all_of(10), MACHINE: 0}),
        ("list_service_quotas", {MACHINE: 16}),
    )
    done = project.run("check", "--live")
    assert (done.code, "AWS160" in done.said) == (0, False), done.said
    stubber.assert_no_pending_responses()


def test_a_quota_of_nothing_is_an_error_on_the_machine_s_own_line(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering(monkeypatch, ("list_aws_default_service_quotas", {**all_of(10), MACHINE: 0}), ("list_service_quotas", {}))
    code, found = project.check("--live")
    place = project.line("environments/spec.py", 'prod="ml.m5.xlarge"')
    told = [(one.at, one.severity, one.stack) for one in found if one.code == "AWS160"]
    assert (code, told) == (2, [(place, "error", "prod")])


@pytest.mark.parametrize("error", ["AccessDeniedException", "TooManyRequestsException"])
def test_where_aws_refuses_it_is_said(project: Project, monkeypatch: pytest.MonkeyPatch, error: str) -> None:
    answering(monkeypatch, ("list_aws_default_service_quotas", error))
    done = project.run("check", "--live")
    assert (done.code, error in done.err) == (3, True), done.said


def test_without_credentials_it_says_what_to_do(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_region: str) -> Any:
        return quotas.Account(boto3.session.Session().client("service-quotas", region_name="us-east-1"))

    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    monkeypatch.setattr(quotas, "account", nobody)
    done = project.run("check", "--live")
    assert done.code == 3
    assert "sign in" in done.err
