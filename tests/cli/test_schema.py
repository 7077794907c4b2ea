"""The schema of stack files and `mlstage check` agree on what is right, and on fields that are not there."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.project_support import Project

RIGHT = [
    "scorer: {instance: ml.m5.2xlarge, replicas: {min: 3, max: 12}}",
    "scorer: {'on': {instance: ml.m5.2xlarge}}",
    "scorer: {replicas: {target: 700}}",
    "scorer: {replicas: {target: {CpuUtilization: 70}}}",
    "scorer: {replicas: {target: {cpu_utilization: {value: 70}}}}",
    "scorer: {p95_latency: 80ms, update: {canary: {percent: 10}}}",
    "training: {purchase: on_demand}",
    "training: {purchase: {spot: {checkpoint: s3://acme/c/}}, hyperparameters: {epochs: '3'}}",
    "explore: {working_hours: Mon-Fri 07:00-19:00, stop_when_idle: 2h}",
    "explore: {working_hours: {timezone: Europe/Paris}}",
]
WRONG = {
    "scorr: {instance: ml.m5.2xlarge}": ["mlstage:overrides"],
    "scorer: {instnace: ml.m5.2xlarge}": ["mlstage:overrides", "scorer"],
    "scorer: {name: other}": ["mlstage:overrides", "scorer"],
    "scorer: {replicas: three}": ["mlstage:overrides", "scorer", "replicas"],
    "scorer: {replicas: {mn: 3}}": ["mlstage:overrides", "scorer", "replicas"],
    "training: {max_runtime: 2}": ["mlstage:overrides", "training", "max_runtime"],
}


def faults(project: Project, overrides: str) -> list[list[Any]]:
    done = project.run("schema")
    assert done.code == 0, done.err
    schema = json.loads(done.out)
    Draft202012Validator.check_schema(schema)
    stack_file = {"config": {"mlstage:overrides": yaml.safe_load(overrides)}}
    return [list(error.absolute_path)[1:] for error in Draft202012Validator(schema).iter_errors(stack_file)]


@pytest.mark.parametrize("overrides", RIGHT)
def test_what_is_right_passes_both(project: Project, overrides: str) -> None:
    project.stack("prod", overrides)
    assert [str(one) for one in project.check("--stack", "prod")[1] if one.severity == "error"] == []
    assert faults(project, overrides) == []


@pytest.mark.parametrize(("overrides", "path"), WRONG.items())
def test_what_is_wrong_fails_both(project: Project, overrides: str, path: list[str]) -> None:
    project.stack("prod", overrides)
    assert project.check("--stack", "prod")[0] == 2
    assert faults(project, overrides) == [path]


def test_the_schema_of_the_language_knows_every_kind_of_workload(project: Project) -> None:
    done = project.run("schema", "--language")
    schema = json.loads(done.out)
    Draft202012Validator.check_schema(schema)
    kinds = {"AsyncEndpoint", "BatchInference", "Notebook", "Processing", "RealtimeEndpoint", "Training"}
    assert kinds <= schema["$defs"].keys()


def test_a_spec_that_is_wrong_has_no_schema(project: Project) -> None:
    project.spec("from mlstage import Nothing\n")
    done = project.run("schema")
    assert (done.code, done.out) == (2, "")
    assert "environments/spec.py:1" in done.err
