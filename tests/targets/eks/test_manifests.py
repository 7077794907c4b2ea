"""Manifests: what `kubectl` is given holds against Kubernetes' own schemas, and is what a reviewer has read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from mlstage import Eks
from mlstage.emit.kubernetes import emit_manifests
from mlstage.graph import VOCABULARY, Graph, Resource
from mlstage.graph.manifests import kind_of
from mlstage.project import study
from tests.project_support import Project
from tests.project_support import project as project
from tests.targets.eks.workloads import GPU, SECRET, batch, on_spot, on_volume, processing, scaled, scorer
from tests.targets.support import graph

REPOSITORY = Path(__file__).parents[3]
ENVIRONMENTS = ("text_safety", "visual_search")
# An older version, in which every property used is known already, and the newest that the schemas have.
VERSIONS = ("1.31", "1.37")


@pytest.fixture(scope="module")
def graphs() -> dict[str, Graph]:
    """Give the graphs of the repository's environments on EKS, and of all kinds of workloads together."""
    specs = [REPOSITORY / "environments" / f"{name}.py" for name in ENVIRONMENTS]
    found = {f"{one.graph.environment}/{one.graph.stack}": one.graph for one in study(REPOSITORY, specs=specs).stacks}
    everything = Eks(cpu=2, memory="4GB", exposed="internet", secrets={"TOKEN": SECRET}, storage="200GB")
    kinds = graph(
        scaled(GPU),
        scorer(everything, name="public"),
        on_spot(),
        batch(replicas=3),
        processing(),
        on_volume(name="weekly"),
    )
    return {**found, "kinds/prod": kinds}


def _documents(graph: Graph) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, text in emit_manifests(graph, spec="environments/spec.py", version="1.0.0").items():
        for document in yaml.safe_load_all(text):
            yield path, document


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_own_kinds_hold_against_its_published_schemas(graphs: dict[str, Graph], version: str) -> None:
    judged = set()
    for one in graphs.values():
        for path, document in _documents(one):
            info = kind_of(document)
            if info is None or info.custom:
                continue
            try:
                kubernetes_validate.validate(document, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                pytest.fail(f"{path}: {document['kind']} {document['metadata']['name']}: {error}")
            judged.add(document["kind"])
    assert judged == {
        "ConfigMap",
        "CronJob",
        "Deployment",
        "HorizontalPodAutoscaler",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "Service",
        "ServiceAccount",
        "StorageClass",
    }


def test_the_schemas_do_refuse_what_is_wrong(graphs: dict[str, Graph]) -> None:
    (deployment,) = [d for _, d in _documents(graphs["text-safety/test"]) if d["kind"] == "Deployment"]
    deployment["spec"]["replica"] = 1
    with pytest.raises(kubernetes_validate.ValidationError, match="replica"):
        kubernetes_validate.validate(deployment, VERSIONS[0], strict=True)


def test_every_object_is_in_the_manifests_once(graphs: dict[str, Graph]) -> None:
    for name, one in graphs.items():
        written = [(d["kind"], d["metadata"]["name"]) for _, d in _documents(one) if d["kind"] != "Kustomization"]
        wanted = [
            (VOCABULARY[r.type].kind, r.props["metadata"]["name"])  # type: ignore[call-overload,index]
            for r in one.resources
            if VOCABULARY[r.type].kind
        ]
        assert sorted(written) == sorted(wanted), name


def test_a_kustomization_names_every_file(graphs: dict[str, Graph]) -> None:
    for one in graphs.values():
        files = emit_manifests(one, spec="s.py", version="1")
        for path, text in files.items():
            if path.endswith("kustomization.yaml"):
                folder = path.removesuffix("kustomization.yaml")
                beside = {p.removeprefix(folder) for p in files if p.startswith(folder) and "/" not in p[len(folder) :]}
                assert {*yaml.safe_load(text)["resources"]} == beside - {"kustomization.yaml"}


def test_workloads_of_two_clusters_go_to_two_folders() -> None:
    found = graph(scorer(), batch(Eks(cluster="ml-platform", cpu=2, memory="4GB")))
    files = emit_manifests(found, spec="s.py", version="1", folder="out")
    assert {path for path in files if not path.endswith(("kustomization.yaml", "cluster.yaml"))} == {
        "out/fraud-prod/scorer.yaml",
        "out/ml-platform/rescore.yaml",
    }


@pytest.mark.parametrize("file", ["embedder.yaml", "nightly-training.yaml", "weekly-index.yaml", "cluster.yaml"])
def test_a_gpu_service_and_jobs_on_spot_read_well(
    graphs: dict[str, Graph], file: str, golden: Callable[[str, str], None]
) -> None:
    files = emit_manifests(
        graphs["visual-search/prod"], spec="environments/visual_search.py", version="1.0.0", folder="golden"
    )
    golden(f"golden/visual-search/{file}", files[f"golden/{file}"])


def test_a_neuron_service_reads_well(graphs: dict[str, Graph], golden: Callable[[str, str], None]) -> None:
    files = emit_manifests(
        graphs["text-safety/prod"], spec="environments/text_safety.py", version="1.0.0", folder="golden"
    )
    golden("golden/text-safety/classifier.yaml", files["golden/classifier.yaml"])


SPEC = """from mlstage import Eks, Environment, Model, RealtimeEndpoint

environment = Environment(
    name="fraud",
    owner="payments",
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"),
            on=Eks(cpu=2, memory="4GB"),
            replicas=2,
        ),
    ],
)
"""


def test_manifests_are_an_output_format_with_the_safeties_of_programs(project: Project) -> None:
    project.write("environments/spec.py", SPEC)
    run = project.run("compile", "--target", "kubernetes")
    assert run.code == 0, run.err
    place = project.root / "kubernetes/fraud/prod/scorer.yaml"
    assert "kind: Deployment" in place.read_text()
    assert project.run("compile", "--check").code == 0
    place.write_text(place.read_text() + "# by hand\n")
    edited = project.run("compile", "--target", "kubernetes")
    assert edited.code == 2
    assert "kubernetes/fraud/prod/scorer.yaml" in edited.err
    assert project.run("compile", "--target", "kubernetes", "--force").code == 0
    assert "by hand" not in place.read_text()


@pytest.mark.parametrize(
    "text", ["y", "N", "1e3", "1E-3", "0o17", "0x1F", "1_000", "5.", ".5", "-1", "012", "yes", "~"]
)
def test_text_that_kubectl_would_take_for_something_else_is_quoted(text: str) -> None:
    held = Resource(
        "settings", "kubernetes.core.v1.ConfigMap", {"metadata": {"name": "settings"}, "data": {"KEY": text}}
    )
    (written,) = (
        text
        for path, text in emit_manifests(Graph((held,)), spec="environments/spec.py", version="1").items()
        if not path.endswith("kustomization.yaml")
    )
    assert f"  KEY: '{text}'\n" in written
