"""A function that publishes: a change is another version, which a preview does not know and an alias follows."""

from __future__ import annotations

from typing import Any

import pytest

from mlstage.offline.provider.behaviours import Change, recomputed
from mlstage.offline.provider.behaviours.published_versions import FUNCTION
from tests.engine_support import OfflineProject, engine, project

__all__ = ["engine", "project"]

PROGRAM = """
function = aws.lambda_.Function(
    "scorer",
    role="arn:aws:iam::123456789012:role/scorer",
    package_type="Image",
    image_uri="123456789012.dkr.ecr.us-east-1.amazonaws.com/scorer:1",
    memory_size=%s,
    publish=True,
    tags={"team": "%s"},
)
alias = aws.lambda_.Alias("live", function_name=function.name, function_version=function.version)
pulumi.export("arn", function.qualified_arn)
"""


def update(**new: Any) -> Change:
    before = {"memorySize": 512, "publish": True, "tags": {"a": "1"}}
    old = {**before, "version": "3"}
    return Change("update", FUNCTION, "us-east-1", "123456789012", new={**before, **new}, old=old)


@pytest.mark.parametrize(
    ("change", "unknown"),
    [
        (update(memorySize=1024), True),
        (update(imageUri="scorer:2"), True),
        (update(tags={"a": "2"}), False),
        (update(reservedConcurrentExecutions=5), False),
        (update(memorySize=1024, publish=False), False),
        (update(), False),
    ],
    ids=["memory", "image", "tags", "concurrency", "unpublished", "nothing"],
)
def test_only_what_a_version_holds_makes_another_one(change: Change, unknown: bool) -> None:
    assert list(recomputed(change)) == (["version", "qualifiedArn", "qualifiedInvokeArn"] if unknown else [])


@pytest.mark.engine
def test_an_alias_follows_the_version(project: OfflineProject) -> None:
    project.stack("test")
    project.program(PROGRAM % (512, "ml"))
    project.up()
    project.program(PROGRAM % (1024, "ml"))
    assert "function_version" in project.pulumi("preview", "--diff").replace("functionVersion", "function_version")
    project.up()
    found = project.resources()
    assert found["Alias/live"]["outputs"]["functionVersion"] == "2"
    assert found["Function/scorer"]["outputs"]["qualifiedArn"].endswith(":2")
    project.program(PROGRAM % (1024, "research"))
    project.up()
    assert project.resources()["Alias/live"]["outputs"]["functionVersion"] == "2"
