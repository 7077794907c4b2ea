"""Graphs and hand-written programs as the engine would see them in a preview, all in one process that has pulumi."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from mlstage.emit import emit_program
from mlstage.graph import Graph
from mlstage.readers.pulumi_stack import EngineResource


def preview_graphs(graphs: Mapping[str, Graph], folder: Path) -> dict[str, list[EngineResource]]:
    """Emit each graph as a program and run it."""
    programs: dict[str, tuple[Path, str]] = {}
    for name, graph in graphs.items():
        path = folder / f"{len(programs)}.py"
        path.write_text(emit_program(graph, spec="environments/example.py", version="0"), encoding="utf-8")
        programs[name] = (path, graph.stack)
    return preview_programs(programs)


def preview_programs(programs: Mapping[str, tuple[Path, str]]) -> dict[str, list[EngineResource]]:
    """Run programs, each in its stack, and give the resources that the engine gets to see."""
    jobs = [{"path": str(path), "stack": stack, "secrets": {"project:pager": "x"}} for path, stack in programs.values()]
    script = Path(__file__).with_name("under_preview.py")
    done = subprocess.run(
        [sys.executable, str(script)], input=json.dumps(jobs), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {
        name: [_resource(item) for item in registered]
        for name, registered in zip(programs, json.loads(done.stdout), strict=True)
    }


def _resource(item: Mapping[str, object]) -> EngineResource:
    dependencies = item["property_dependencies"]
    listed = item["dependencies"]
    properties = item["properties"]
    assert isinstance(dependencies, dict) and isinstance(listed, Sequence) and isinstance(properties, dict)
    return EngineResource(
        urn=str(item["urn"]),
        type=str(item["type"]),
        name=str(item["name"]),
        properties=properties,
        parent=str(item["parent"]),
        dependencies=tuple(map(str, listed)),
        property_dependencies={key: tuple(urns) for key, urns in dependencies.items()},
        custom=bool(item["custom"]),
    )
