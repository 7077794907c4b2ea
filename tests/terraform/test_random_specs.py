"""Random valid specs: what the compiler makes of them, the real provider takes, and Kubernetes what lies beside it.

As many as `MLSTAGE_FUZZ` says, which `make fuzz` raises to 1,000; they are validated a hundred in one root module.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import yaml
from hypothesis import HealthCheck, Phase, assume, given, seed, settings

from mlstage import Eks, Environment
from mlstage.emit.kubernetes import emit_manifests
from mlstage.graph import Graph
from mlstage.graph.manifests import kind_of
from mlstage.offline.provider.check import faults
from mlstage.offline.provider.schema import resource_type
from mlstage.offline.terraform import Terraform
from tests.specs import compiled, environments
from tests.terraform.real import use_together
from tests.terraform.stacks import module_of

NUMBER: Final = int(os.environ.get("MLSTAGE_FUZZ", "200"))
SEED: Final = int(os.environ.get("MLSTAGE_FUZZ_SEED", "7"))
AT_ONCE: Final = 100


def test_the_provider_takes_what_random_specs_give(warm_terraform: Terraform, tmp_path: Path) -> None:
    """A failure names the seed, the spec's number and Terraform's words; the spec itself is printed below."""
    specs = _drawn(NUMBER)
    refused: list[str] = []
    for start, chunk in enumerate(_chunks(list(enumerate(specs)))):
        folder = tmp_path / str(start)
        modules = {}
        for number, spec in chunk:
            # One stack of each, in turn: what differs between them is drawn in every other spec.
            graphs = compiled(spec)
            assert graphs is not None
            stack = ("test", "prod")[number % 2]
            modules[f"spec{number}"] = module_of(graphs[stack])
            refused += [f"{fault}\n{spec!r}" for fault in _faults_of_manifests(graphs[stack])]
        use_together(folder, modules)
        done = warm_terraform.run(folder, "init", "-input=false", "-no-color")
        assert done.returncode == 0, done.stderr
        for complaint in warm_terraform.validate(folder):
            number = int(complaint.file.removeprefix("spec").partition("/")[0] or -1)
            refused.append(f"{complaint}\n{specs[number]!r}")
    assert refused == [], f"seed {SEED}"
    assert len(specs) == NUMBER
    assert any(isinstance(getattr(one, "on", None), Eks) for spec in specs for one in spec.workloads)


def _faults_of_manifests(graph: Graph) -> Iterator[str]:
    """Say what Kubernetes does not know of the manifests beside a module, by the schemas of the installed package."""
    for path, text in emit_manifests(graph, spec="environments/spec.py", version="0").items():
        for document in yaml.safe_load_all(text) if not path.endswith("kustomization.yaml") else ():
            info = kind_of(document)
            assert info is not None, document
            shape = resource_type(info.token)
            assert shape is not None or info.custom, info
            for fault in faults(shape, document) if shape is not None else ():
                yield f"{path}: {document['kind']} {document['metadata']['name']}: {fault}"


def _drawn(number: int) -> list[Environment]:
    found: list[Environment] = []

    @seed(SEED)
    @settings(
        max_examples=number, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=[*HealthCheck]
    )
    @given(environments())
    def draw(spec: Environment) -> None:
        assume(compiled(spec) is not None)
        found.append(spec)

    draw()
    return found


def _chunks(specs: Sequence[tuple[int, Environment]]) -> Iterator[Sequence[tuple[int, Environment]]]:
    for start in range(0, len(specs), AT_ONCE):
        yield specs[start : start + AT_ONCE]
