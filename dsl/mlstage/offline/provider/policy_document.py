"""Build the JSON of `aws.iam.get_policy_document`: the one look-up that computes instead of asking AWS."""

from __future__ import annotations

import json
from typing import Any, Final

_STATEMENT: Final = {
    "actions": "Action",
    "notActions": "NotAction",
    "resources": "Resource",
    "notResources": "NotResource",
}
_KNOWN: Final = {"sid", "effect", "principals", "notPrincipals", "conditions", *_STATEMENT}


class PolicyError(Exception):
    """The arguments do not make a policy."""


def policy_document(arguments: dict[str, Any]) -> str:
    """Give the policy as text: sources first, own statements after them, overrides last, the same `Sid` replacing."""
    document: dict[str, Any] = {"Version": arguments.get("version", "2012-10-17")}
    if policy_id := arguments.get("policyId"):
        document["Id"] = policy_id
    own = [_statement(item, index) for index, item in enumerate(arguments.get("statements", []))]
    parsed = [_parsed(text, "sourcePolicyDocuments") for text in arguments.get("sourcePolicyDocuments", [])]
    statements = _merged([*(item for source in parsed for item in source), *own], replace=False)
    for text in arguments.get("overridePolicyDocuments", []):
        statements = _merged([*statements, *_parsed(text, "overridePolicyDocuments")], replace=True)
    document["Statement"] = statements
    return json.dumps(document, indent=2)


def _statement(item: dict[str, Any], index: int) -> dict[str, Any]:
    for name in item:
        if name not in _KNOWN:
            raise PolicyError(f"statements[{index}].{name}: not a property of a policy statement")
    statement: dict[str, Any] = {"Sid": item["sid"]} if item.get("sid") else {}
    statement["Effect"] = item.get("effect", "Allow")
    for name, key in _STATEMENT.items():
        if values := item.get(name):
            statement[key] = _one_or_many(values)
    for name, key in (("principals", "Principal"), ("notPrincipals", "NotPrincipal")):
        if principals := item.get(name):
            statement[key] = _principals(principals)
    if conditions := item.get("conditions"):
        found: dict[str, dict[str, Any]] = {}
        for condition in conditions:
            found.setdefault(condition["test"], {})[condition["variable"]] = _one_or_many(condition["values"])
        statement["Condition"] = found
    return statement


def _principals(principals: list[dict[str, Any]]) -> Any:
    found: dict[str, list[str]] = {}
    for principal in principals:
        found.setdefault(principal["type"], []).extend(principal["identifiers"])
    if found == {"*": ["*"]}:
        return "*"
    return {kind: _one_or_many(identifiers) for kind, identifiers in sorted(found.items())}


def _one_or_many(values: list[str]) -> str | list[str]:
    unique = sorted(set(values))  # Terraform's sets have no order; one value stands alone
    return unique[0] if len(unique) == 1 else unique


def _parsed(text: str, name: str) -> list[dict[str, Any]]:
    try:
        statements = json.loads(text)["Statement"] if text else []
    except (ValueError, KeyError, TypeError) as error:
        raise PolicyError(f"{name}: a text is no policy document ({error})") from error
    return statements if isinstance(statements, list) else [statements]


def _merged(statements: list[dict[str, Any]], *, replace: bool) -> list[dict[str, Any]]:
    found: dict[object, dict[str, Any]] = {}
    for index, statement in enumerate(statements):
        key = statement.get("Sid") or index
        if key in found and not replace:
            raise PolicyError(f"two statements have the sid {key!r}")
        found[key] = statement
    return list(found.values())
