"""The JSON that `aws.iam.get_policy_document` gives."""

import json
from typing import Any

import pytest

from mlstage.offline.provider.policy_document import PolicyError, policy_document

READ = {"sid": "Read", "actions": ["s3:GetObject"], "resources": ["arn:aws:s3:::b/*"]}


def statements(**arguments: Any) -> Any:
    return json.loads(policy_document(arguments))["Statement"]


def test_several_values_are_a_sorted_list() -> None:
    assert statements(statements=[{**READ, "actions": ["s3:PutObject", "s3:GetObject", "s3:PutObject"]}]) == [
        {"Sid": "Read", "Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::b/*"}
    ]


def test_principals() -> None:
    anyone = [{"type": "*", "identifiers": ["*"]}]
    mixed = [
        {"type": "Service", "identifiers": ["ecs.amazonaws.com"]},
        {"type": "AWS", "identifiers": ["1", "2"]},
        {"type": "Service", "identifiers": ["ec2.amazonaws.com"]},
    ]
    found = statements(statements=[{"principals": anyone}, {"notPrincipals": mixed, "effect": "Deny"}])
    assert found[0] == {"Effect": "Allow", "Principal": "*"}
    services = ["ec2.amazonaws.com", "ecs.amazonaws.com"]
    assert found[1] == {"Effect": "Deny", "NotPrincipal": {"AWS": ["1", "2"], "Service": services}}


def test_sources_and_overrides() -> None:
    source = json.dumps({"Statement": {"Sid": "Old", "Effect": "Deny", "Action": "*", "Resource": "*"}})
    override = json.dumps({"Statement": [{"Sid": "Read", "Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    found = statements(statements=[READ], sourcePolicyDocuments=[source], overridePolicyDocuments=[override])
    assert [(one["Sid"], one["Effect"], one["Action"]) for one in found] == [
        ("Old", "Deny", "*"),
        ("Read", "Deny", "s3:*"),
    ]


def test_overrides_without_a_sid_are_added() -> None:
    override = json.dumps({"Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]})
    bare = {"actions": ["a:b"], "resources": ["*"]}
    found = statements(statements=[bare], overridePolicyDocuments=[override])
    assert [one["Action"] for one in found] == ["a:b", "s3:*"]


def test_version_and_id() -> None:
    document = json.loads(policy_document({"version": "2008-10-17", "policyId": "p"}))
    assert document == {"Version": "2008-10-17", "Id": "p", "Statement": []}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"statements": [{"action": ["s3:*"]}]}, r"statements\[0\]\.action: not a property of a policy statement"),
        ({"statements": [READ, READ]}, "two statements have the sid 'Read'"),
        ({"sourcePolicyDocuments": ["{"]}, "sourcePolicyDocuments: a text is no policy document"),
    ],
)
def test_what_makes_no_policy(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        policy_document(arguments)
