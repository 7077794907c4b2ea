"""Run generated programs under Pulumi's mocks and print, as JSON, every request that reached the engine.

A program of its own, because pulumi takes a second to import and keeps its state for the whole process.
"""

from __future__ import annotations

import asyncio
import json
import runpy
import sys
from typing import Any

import pulumi
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime import rpc
from pulumi.runtime.mocks import MockCallArgs, MockEngine, MockMonitor, MockResourceArgs, Mocks, MockSettings
from pulumi.runtime.settings import configure
from pulumi.runtime.stack import run_in_stack


class Answers(Mocks):
    """Gives each resource and look-up the attributes that the graph refers to."""

    def __init__(self, answers: dict[str, dict[str, Any]]) -> None:
        self.answers = answers
        self.calls: list[dict[str, Any]] = []

    def call(self, args: MockCallArgs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer a look-up, which has no name, by its token and what it asks, or by its token alone."""
        asked = plain(args.args)
        self.calls.append({"token": args.token, "arguments": asked})
        exact = self.answers.get(f"{args.token} {json.dumps(asked, sort_keys=True)}")
        return self.answers.get(args.token, {}) if exact is None else exact, []

    def new_resource(self, args: MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Answer with the inputs and what the graph reads."""
        answers = self.answers.get(args.name, {})
        return answers.get("id", f"{args.name}.id"), {**args.inputs, **answers}


class Recorder(MockMonitor):
    """Keeps every request as plain data."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self.requests: list[dict[str, Any]] = []
        self.exports: dict[str, Any] = {}

    def RegisterResource(self, request: Any) -> Any:
        """Note a resource."""
        if request.type != "pulumi:pulumi:Stack":
            self.requests.append(
                {
                    "type": request.type,
                    "name": request.name,
                    "inputs": plain(rpc.deserialize_properties(request.object)),
                    "parent": request.parent.rpartition("::")[2],
                    "depends_on": sorted({urn.rpartition("::")[2] for urn in request.dependencies}),
                    "protect": request.protect,
                    "delete_before_replace": request.deleteBeforeReplace,
                    "retain_on_delete": request.retainOnDelete,
                    "ignore_changes": list(request.ignoreChanges),
                    "aliases": [alias.spec.name for alias in request.aliases],
                    "provider": request.provider.rpartition("::")[0].rpartition("::")[2],
                    "trigger": request.replacement_trigger.string_value,
                }
            )
        return super().RegisterResource(request)  # type: ignore[no-untyped-call]

    def RegisterResourceOutputs(self, request: Any) -> Any:
        """Note what the stack exports."""
        if request.urn.endswith("::stack") or "pulumi:pulumi:Stack" in request.urn:
            self.exports = plain(rpc.deserialize_properties(request.outputs))
        return super().RegisterResourceOutputs(request)  # type: ignore[no-untyped-call]


def plain(value: Any) -> Any:
    """Unwrap secrets; everything else is plain already."""
    if isinstance(value, dict) and rpc._special_sig_key in value:
        return {"secret": plain(value["value"])}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, list) else value


def _program(path: str) -> None:
    runpy.run_path(path, run_name="__main__")


def run(job: dict[str, Any]) -> dict[str, Any]:
    """Run one program in a new stack."""
    answers = Answers(job["answers"])
    recorder = Recorder(answers)
    configure(
        MockSettings(  # type: ignore[no-untyped-call]
            monitor=recorder,
            engine=MockEngine(None),
            project="project",
            stack=job["stack"],
            dry_run=job.get("dry_run", False),
            organization=None,
            callbacks=None,
            monitor_features=set(
                recorder.GetDeploymentInfo(Empty()).supportedFeatures  # type: ignore[no-untyped-call]
            ),
        )
    )
    pulumi.runtime.set_all_config(job["config"], [])
    error = ""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run_in_stack(lambda: _program(job["path"])))
    except pulumi.RunError as refusal:
        error = str(refusal)
    finally:
        loop.close()
    return {"resources": recorder.requests, "exports": recorder.exports, "calls": answers.calls, "refusal": error}


if __name__ == "__main__":
    json.dump([run(job) for job in json.load(sys.stdin)], sys.stdout)
