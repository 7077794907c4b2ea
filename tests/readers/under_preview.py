"""Run Pulumi programs as a preview would, and print, as JSON, each resource as the engine gets it.

Reads a list of jobs (`path`, `stack`, `secrets`) from standard input. A program of its own, because pulumi takes a
second to import and keeps its state for the whole process. Nothing exists in a preview: what is no input is unknown.
"""
# ruff: noqa: ARG002 - the mocks' methods take what they take

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from typing import Any

import pulumi
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack


class Nothing(Mocks):
    """Knows nothing beyond the inputs."""

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        return {"accountId": "123456789012", "names": ["us-east-1a", "us-east-1b", "us-east-1c"]}, []

    def new_resource(self, args: MockResourceArgs) -> tuple[str | None, dict[str, Any]]:
        return None, dict(args.inputs)


class Recorder(MockMonitor):
    """Keeps every registration as the engine would get it."""

    def __init__(self) -> None:
        super().__init__(Nothing())
        self.registered: list[dict[str, Any]] = []

    def RegisterResource(self, request: Any) -> Any:
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call]
        self.registered.append(
            {
                "urn": answer.urn,
                "type": request.type,
                "name": request.name,
                "properties": MessageToDict(request.object),
                "parent": request.parent,
                "dependencies": list(request.dependencies),
                "property_dependencies": {k: list(v.urns) for k, v in request.propertyDependencies.items()},
                "custom": request.custom,
            }
        )
        return answer


def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    recorder = Recorder()
    # Not `set_mocks`: it starts work on an event loop of its own, for which a second program then waits in vain.
    configure(
        MockSettings(  # type: ignore[no-untyped-call]
            monitor=recorder,
            engine=MockEngine(None),
            project="project",
            stack=job["stack"],
            dry_run=True,
            organization=None,
            callbacks=None,
            monitor_features=set(
                recorder.GetDeploymentInfo(Empty()).supportedFeatures  # type: ignore[no-untyped-call]
            ),
        )
    )
    pulumi.runtime.set_all_config({"aws:region": "us-east-1", **job["secrets"]}, list(job["secrets"]))

    def program() -> None:
        runpy.run_path(job["path"], run_name="__main__")

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run_in_stack(program))
    finally:
        loop.close()
    return recorder.registered


if __name__ == "__main__":
    json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
