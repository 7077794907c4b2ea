"""Programs in YAML: where their language comes from, and the schema that it checks them by."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from mlstage.offline.engine import Engine
from mlstage.offline.environment import search_path
from mlstage.offline.errors import StepFailed, ToolMissing
from mlstage.offline.progress import Progress
from mlstage.offline.provider.package_schema import package_schema
from mlstage.offline.yaml_language import find_yaml, yaml_folder
from tests.engine_support import OfflineProject

HOST = "pulumi-language-yaml"


def engine_in(folder: Path) -> Engine:
    folder.mkdir(exist_ok=True)
    return Engine(folder / "pulumi", "3.259.0", "PATH", (folder,))


def write(path: Path) -> None:
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)


def built(path: Path, _: Progress) -> None:
    write(path)


def not_built(path: Path, _: Progress) -> None:
    path.write_text("half")
    raise StepFailed("the go command is not on PATH")


def test_a_release_brings_it_along(tmp_path: Path) -> None:
    engine, environ = engine_in(tmp_path / "bin"), {"MLSTAGE_CACHE": str(tmp_path / "cache")}
    write(tmp_path / "bin" / HOST)
    assert find_yaml(engine, environ=environ, build=not_built) == tmp_path / "bin"


def test_it_is_built_once_and_then_on_the_path(tmp_path: Path) -> None:
    engine, environ = engine_in(tmp_path / "bin"), {"MLSTAGE_CACHE": str(tmp_path / "cache"), "PATH": "/usr/bin"}
    assert yaml_folder(engine, environ) is None
    assert "yaml" not in search_path(engine, environ)
    folder = find_yaml(engine, environ=environ, progress=Progress(io.StringIO()), build=built)
    assert find_yaml(engine, environ=environ, build=not_built) == folder
    assert str(folder) in search_path(engine, environ).split(":")


def test_what_cannot_be_built_leaves_nothing_and_has_a_cure(tmp_path: Path) -> None:
    engine, environ = engine_in(tmp_path / "bin"), {"MLSTAGE_CACHE": str(tmp_path / "cache")}
    with pytest.raises(
        ToolMissing, match="programs in YAML need pulumi-language-yaml, which could not be built: the go command"
    ):
        find_yaml(engine, environ=environ, progress=Progress(io.StringIO()), build=not_built)
    assert yaml_folder(engine, environ) is None


@pytest.fixture(scope="module")
def schema() -> Any:
    return json.loads(package_schema())


def test_the_schema_says_what_the_installed_package_says(schema: Any) -> None:
    service = schema["resources"]["aws:ecs/service:Service"]
    assert service["inputProperties"]["desiredCount"] == {"type": "integer"}
    strategies = service["inputProperties"]["capacityProviderStrategies"]
    assert strategies["type"] == "array"
    item = schema["types"][strategies["items"]["$ref"].removeprefix("#/types/")]
    assert item["required"] == ["capacityProvider"]
    assert schema["resources"]["aws:sagemaker/model:Model"]["requiredInputs"] == ["executionRoleArn"]
    assert "arn" in schema["resources"]["aws:iam/role:Role"]["required"]


def test_every_type_that_the_schema_refers_to_is_in_it(schema: Any) -> None:
    def references(value: Any) -> set[str]:
        if isinstance(value, dict):
            own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
            return own.union(*(references(inner) for inner in value.values()))
        return set().union(*map(references, value)) if isinstance(value, list) else set()

    known = {f"#/types/{token}" for token in schema["types"]} | {"pulumi.json#/Any"}
    assert references(schema) - known == set()


@pytest.mark.engine
def test_a_misspelt_property_is_an_error_of_the_program(project: OfflineProject) -> None:
    find_yaml(project.engine)
    (project.root / "Pulumi.yaml").write_text(
        "name: demo\nruntime: yaml\nresources:\n"
        "  key:\n    type: aws:kms:Key\n    properties: {enableKeyRotaton: true}\n",
        encoding="utf-8",
    )
    said = project.pulumi("preview", fails=True)
    assert "enableKeyRotaton" in said
    assert "Pulumi.yaml line 6" in said
