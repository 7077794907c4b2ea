"""What a diagram says: nothing of a stack is lost, and what matters is said in so many words."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from mlstage.graph import VOCABULARY, Graph, Resource
from mlstage.insight.diagram import Diagram, Edge, Node, diagram_of
from mlstage.insight.diagram.data import as_data
from mlstage.insight.diagram.words import noun, plural, short_name, when, when_cron
from tests.insight.diagram.stacks import containers, foreign, repository


@pytest.fixture(scope="module")
def mix(tmp_path_factory: pytest.TempPathFactory) -> Graph:
    return containers(tmp_path_factory.mktemp("mix") / "project")


def node(diagram: Diagram, name: str) -> Node:
    return next(one for one in diagram.nodes if one.id == name)


def flows(diagram: Diagram) -> set[tuple[str, str, str, str]]:
    return {(one.source, one.flow, one.label, one.target) for one in diagram.edges}


def everything(graph: Graph) -> list[str]:
    return [one.name for one in graph.resources if not (one.type in VOCABULARY and VOCABULARY[one.type].data)]


@pytest.mark.parametrize("stack", sorted(repository()))
def test_every_resource_has_a_box_or_is_counted(stack: str) -> None:
    graph = repository()[stack]
    diagram = diagram_of(graph)
    counted = Counter(noun(graph.by_name[name].type) for name in everything(graph) if name not in diagram.stands_for)
    badges = [*diagram.badges, *(badge for cluster in diagram.clusters for badge in cluster.badges)]
    assert _counts(badges) == counted


@pytest.mark.parametrize("stack", sorted(repository()))
def test_in_detail_every_resource_has_a_box_of_its_own_and_every_link_an_edge(stack: str) -> None:
    graph = repository()[stack]
    diagram = diagram_of(graph, detail=True)
    assert set(everything(graph)) <= {one.id for one in diagram.nodes}
    assert not diagram.badges
    linked = {frozenset((one.source, one.target)) for one in diagram.edges}
    shown = {one.id for one in diagram.nodes}
    for resource in graph.resources:
        for needed in {*resource.needs()} & shown:
            if resource.name in shown:
                assert frozenset((resource.name, needed)) in linked, f"{resource.name} refers to {needed}"


def test_a_real_time_endpoint_says_how_many_it_may_be_and_what_scales_it() -> None:
    diagram = diagram_of(repository()["fraud-detection/prod"])
    scorer = node(diagram, "fraud-detection-scorer-endpoint")
    assert scorer.lines[:2] == ("2\N{EN DASH}8 \N{MULTIPLICATION SIGN} ml.m5.xlarge", "scales on 600 requests/min each")
    assert diagram.stands_for["fraud-detection-scorer-scaling-policy"] == scorer.id
    assert ("callers", "traffic", "", scorer.id) in flows(diagram)


def test_a_training_pipeline_says_spot_and_what_it_reads_and_writes_and_what_starts_it() -> None:
    diagram = diagram_of(repository()["fraud-detection/prod"])
    name = "fraud-detection-nightly-training-pipeline"
    assert [mark.text for mark in node(diagram, name).marks] == ["Spot", "in VPC"]
    assert flows(diagram) >= {
        ("s3://acme-ml-data", "data", "train", name),
        (name, "data", "output", "s3://acme-ml-models"),
        (name, "data", "checkpoints", "s3://acme-ml-checkpoints"),
        ("fraud-detection-nightly-training-schedule", "control", "starts", name),
    }
    train = next(one for one in diagram.edges if one.label == "train")
    assert train.note == "s3://acme-ml-data/fraud/train/"


def test_schedules_of_a_notebook_are_linked_by_what_their_input_names() -> None:
    diagram = diagram_of(repository()["fraud-detection/prod"])
    assert flows(diagram) >= {
        ("fraud-detection-explore-start", "control", "starts", "fraud-detection-explore-notebook"),
        ("fraud-detection-explore-stop", "control", "stops", "fraud-detection-explore-notebook"),
    }
    assert node(diagram, "fraud-detection-explore-start").lines == ("Europe/Berlin",)


def test_variants_accelerators_and_scaling_to_zero_are_marked() -> None:
    ranker = diagram_of(repository()["search-ranking/prod"])
    weights = {label for _, flow, label, _ in flows(ranker) if flow == "data" and label.startswith("weight")}
    assert weights == {"weight 9", "weight 1"}
    reader = node(diagram_of(repository()["document-reader/prod"]), "document-reader-reader-endpoint")
    assert [mark.text for mark in reader.marks] == ["1 \N{MULTIPLICATION SIGN} NVIDIA A10G", "scales to 0"]


def test_containers_and_functions(mix: Graph) -> None:
    diagram = diagram_of(mix)
    assert flows(diagram) >= {
        ("callers", "traffic", "", "mix-gpu-balancer"),
        ("mix-gpu-balancer", "traffic", "", "mix-gpu-service"),
        ("callers", "traffic", "", "mix-docs-queue"),
        ("mix-docs-queue", "data", "requests", "mix-docs-service"),
        ("mix-docs-queue", "data", "failed", "mix-docs-dead-letters"),
        ("mix-docs-service", "data", "writes", "s3://acme-docs"),
        ("s3://acme-data", "data", "reads", "mix-train-job"),
        ("mix-train-schedule", "control", "starts", "mix-train-job"),
        ("mix-fn-url", "traffic", "", "mix-fn-function"),
        ("mix-fnq-queue", "data", "requests", "mix-fnq-function"),
        ("mix-prep-schedule", "control", "starts", "mix-prep-function"),
    }
    assert [mark.text for mark in node(diagram, "mix-train-job").marks] == [
        "1 \N{MULTIPLICATION SIGN} NVIDIA A10G",
        "Spot",
        "in VPC",
    ]
    assert "0\N{EN DASH}4 tasks" in node(diagram, "mix-docs-service").lines
    assert "2 kept warm" in node(diagram, "mix-fn-function").lines
    assert diagram.stands_for["mix-gpu-machine-group"] == "mix-gpu-service"


def test_batch_jobs_wait_in_the_queue_of_their_machines() -> None:
    diagram = diagram_of(repository()["climate-runs/prod"])
    queue, job = "climate-runs-scenarios-queue", "climate-runs-scenarios-job"
    assert flows(diagram) >= {
        ("climate-runs-scenarios-schedule", "control", "starts", queue),
        (queue, "control", "runs", job),
        ("s3://acme-ml-data", "data", "reads", job),
        (job, "data", "writes", "s3://acme-ml-data"),
    }
    assert [mark.text for mark in node(diagram, queue).marks] == ["Spot"]
    assert diagram.stands_for["climate-runs-scenarios-spot-machines"] == queue
    emulator = node(diagram, "climate-runs-emulator-job")
    assert emulator.lines == ("emulator-train:1.3", "on 2 nodes at once", "stopped after 12 h")


def test_infrastructure_without_tags_is_drawn_by_its_links() -> None:
    diagram = diagram_of(foreign())
    assert flows(diagram) == {
        ("models", "data", "artifacts", "m"),
        ("m", "data", "", "e"),
        ("e", "data", "answers", "answers"),
        ("callers", "traffic", "", "e"),
        ("nightly", "control", "starts", "pipe"),
    }
    assert diagram.badges == ("1 event target", "1 kinesis stream")
    assert not diagram.clusters
    assert node(diagram, "e").lines == ("1 \N{MULTIPLICATION SIGN} ml.g5.xlarge",)
    assert node(diagram, "nightly").title == "Mon\N{EN DASH}Fri at 02:15"


def test_ends_of_edges_are_nodes(mix: Graph) -> None:
    for graph in (*repository().values(), mix, foreign()):
        for detail in (False, True):
            diagram = diagram_of(graph, detail=detail)
            ids = [one.id for one in diagram.nodes]
            assert len(ids) == len(set(ids))
            assert {end for one in diagram.edges for end in (one.source, one.target)} <= set(ids)


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("cron(0 3 * * ? *)", "daily at 03:00"),
        ("cron(5 14 ? * * *)", "daily at 14:05"),
        ("cron(0 * ? * * *)", "every hour"),
        ("cron(0 4 1 * ? *)", "day 1 monthly at 04:00"),
        ("cron(0 8 ? * MON,TUE,WED,THU,FRI *)", "Mon\N{EN DASH}Fri at 08:00"),
        ("cron(0 8 ? * MON,WED *)", "Mon, Wed at 08:00"),
        ("cron(0 8 ? * FRI-MON *)", "Fri\N{EN DASH}Mon at 08:00"),
        ("rate(1 day)", "every day"),
        ("rate(15 minutes)", "every 15 minutes"),
        # What these words cannot say stays as it was written.
        ("cron(0/15 8-17 ? * MON-FRI *)", "cron(0/15 8-17 ? * MON-FRI *)"),
        ("cron(0 8 ? * 6L *)", "cron(0 8 ? * 6L *)"),
        ("cron(0 8 1 JAN ? *)", "cron(0 8 1 JAN ? *)"),
        ("cron(0 8 1 * ? 2027)", "cron(0 8 1 * ? 2027)"),
    ],
)
def test_times_are_said_or_left_as_they_are(expression: str, words: str) -> None:
    assert when(expression) == words


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("0 2 * * 1-5", "Mon\N{EN DASH}Fri at 02:00"),
        ("0 6 * * 0", "Sun at 06:00"),
        ("0 6 * * 7", "Sun at 06:00"),
        ("30 4 * * *", "daily at 04:30"),
        ("0 4 1 * *", "day 1 monthly at 04:00"),
        ("*/15 * * * *", "at */15 * * * *"),
        ("0 4 1 * 1", "at 0 4 1 * 1"),
        ("@daily", "at @daily"),
    ],
)
def test_times_of_kubernetes_are_said_in_the_same_words(expression: str, words: str) -> None:
    assert when_cron(expression) == words


@pytest.mark.parametrize(
    ("physical", "words"),
    [
        ("acme-prod-scorer-endpoint", "scorer-endpoint"),
        ("acme-prod-scorer-model-0a1b2c3d", "scorer-model"),
        ("acm-prod-scor-0a1b2c3d", "logical"),  # shortened to what AWS takes, and so no name that anybody gave
        ("somebody-elses", "somebody-elses"),
    ],
)
def test_names_are_those_in_aws_unless_they_were_shortened(physical: str, words: str) -> None:
    one = Resource("acme-logical", "aws.sagemaker.Endpoint", {"name": physical})
    assert short_name(one, Graph((one,), "acme", "prod")) == words


def test_plurals() -> None:
    assert [plural(word, 2) for word in ("role policy", "key alias", "log group", "gateway")] == [
        "2 role policies",
        "2 key aliases",
        "2 log groups",
        "2 gateways",
    ]


def test_the_same_stack_gives_the_same_data_whatever_the_hash_seed(tmp_path: Path) -> None:
    script = (
        "import json, sys; from tests.insight.diagram.stacks import containers; from pathlib import Path;"
        "from mlstage.insight.diagram import diagram_of; from mlstage.insight.diagram.data import as_data;"
        "print(json.dumps(as_data(diagram_of(containers(Path(sys.argv[1])), detail=True))))"
    )
    said = []
    for seed in ("1", "2"):
        run = subprocess.run(
            [sys.executable, "-c", script, str(tmp_path / seed)],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path.cwd())},
        )
        said.append(json.loads(run.stdout))
    assert said[0] == said[1]


def test_data_holds_what_the_picture_holds() -> None:
    diagram = diagram_of(repository()["fraud-detection/prod"])
    data = as_data(diagram)
    assert [Edge(**one) for one in data["edges"]] == list(diagram.edges)
    scorer = next(one for one in data["nodes"] if one["title"] == "scorer")
    assert "fraud-detection-scorer-config" in scorer["stands_for"]


def _counts(badges: list[str]) -> Counter[str]:
    """Read `3 roles` back, by the words that the graph's own types give."""
    words = {plural(noun(name), count): (noun(name), count) for name in VOCABULARY for count in range(1, 60)}
    found: Counter[str] = Counter()
    for badge in badges:
        word, count = words[badge]
        found[word] += count
    return found
