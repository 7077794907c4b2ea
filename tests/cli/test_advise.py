"""`mlstage advise`: the study case, the line to write and what it makes of a spec, metrics from a file and from AWS."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3  # type: ignore[import-untyped]
import pytest
from botocore.stub import ANY, Stubber  # type: ignore[import-untyped]

from mlstage.cli import metrics as live_metrics
from mlstage.project import study
from tests.project_support import Project

ROOT = Path(__file__).parents[2]
BERT = (ROOT / "environments/bert_sentiment.py").read_text(encoding="utf-8")
BERT_SPEC = "environments/bert_sentiment.py"
GPUS = """
from mlstage import Environment, Model, RealtimeEndpoint, SageMaker, Stage, Training

model = Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/m:1", artifact="s3://acme-models/m/model.tar.gz")
environment = Environment(
    name="vision",
    owner="ml",
    stages={"prod": Stage(tier="production")},
    workloads=[
        RealtimeEndpoint(name="tagger", model=model, on=SageMaker(instance="ml.g5.12xlarge"), replicas=2),
        RealtimeEndpoint(name="reader", model=model, on=SageMaker(instance="ml.g4dn.xlarge"), replicas=4),
    ],
)
"""


def series(label: str, *values: float) -> dict[str, Any]:
    """Write a metric as `get_metric_data` gives it, an hour apart."""
    start = datetime(2026, 11, 1, tzinfo=UTC)
    times = [(start + timedelta(hours=hour)).isoformat() for hour in range(len(values))]
    return {"Id": "m0", "Label": label, "Timestamps": times, "Values": list(values)}


def answer(*found: dict[str, Any]) -> str:
    return json.dumps({"MetricDataResults": list(found)})


@pytest.fixture
def bert(project: Project) -> Project:
    (project.root / "environments/spec.py").unlink()
    project.spec(BERT, "bert_sentiment")
    return project


@pytest.fixture
def gpus(project: Project) -> Project:
    project.spec(GPUS)
    return project


# The study case


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_the_study_case_is_told(
    bert: Project, style: str, golden: Callable[[str, str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    run = bert.run("advise", BERT_SPEC, "--format", style)
    assert (run.code, run.err) == (0, "")
    golden(f"golden/study-case.{'md' if style == 'markdown' else 'txt'}", run.out)


def test_the_data_says_what_the_table_says(bert: Project) -> None:
    run = bert.run("advise", BERT_SPEC, "--workload", "classifier", "--format", "json")
    data = json.loads(run.out)
    (one,) = data["advice"]
    assert (one["environment"], one["stack"], one["workload"]) == ("bert-sentiment", "prod", "classifier")
    best = next(choice for choice in one["choices"] if choice["target"] == "SageMaker")
    assert (best["instance"], best["lost"], one["best"]) == ("ml.inf2.xlarge", [], "2 x ml.inf2.xlarge")
    for choice in one["choices"]:
        figure = choice["figure"]
        assert figure is None or (figure["source"] and figure["date"] and figure["basis"]), choice["what"]
        assert all(price["source"] and price["date"] and price["basis"] for price in choice["prices"])
        assert choice["monthly"] is None or choice["prices"], choice["what"]
    assert "AWS" in data["notice"]


def test_training_and_serving_differ_and_it_says_why(bert: Project) -> None:
    said = bert.run("advise", BERT_SPEC).out
    assert "Take 1 x ml.g5.xlarge (training job)" in said
    assert "Take 2 x ml.inf2.xlarge (real-time endpoint)" in said
    assert "Inferentia infers; it does not train" in said


# The lines to write


def test_a_spec_with_the_lines_gets_what_is_advised(bert: Project) -> None:
    other = BERT.replace('prod="ml.inf2.xlarge"', 'prod="ml.inf2.8xlarge"')
    bert.spec(other, "bert_sentiment")
    run = bert.run("advise", BERT_SPEC, "--workload", "classifier", "--apply")
    place, _, line = run.out.splitlines()[0].partition(": ")
    advised = line.partition('"')[2].partition('"')[0]
    file, _, number = place.rpartition(":")
    assert file == BERT_SPEC and advised.startswith("ml.")
    lines = other.splitlines()
    at = int(number) - 1
    assert advised not in lines[at]
    lines[at] = lines[at].replace('prod="ml.inf2.8xlarge"', f'prod="{advised}"')
    bert.spec("\n".join(lines) + "\n", "bert_sentiment")
    done = study(bert.root, stacks=["prod"])
    assert not done.failed, done.diagnostics
    graph = done.stacks[0].graph
    (configuration,) = graph.of("aws.sagemaker.EndpointConfiguration")
    variants: Any = configuration.props["production_variants"]
    assert variants[0]["instance_type"] == advised


def test_what_a_line_asks_for_besides_is_told(bert: Project) -> None:
    other = BERT.replace('prod="ml.inf2.xlarge"', 'prod="ml.g5.xlarge"').replace("prod=neuron_model", "prod=cpu_model")
    bert.spec(other, "bert_sentiment")
    run = bert.run("advise", BERT_SPEC, "--workload", "classifier", "--apply")
    assert 'instance=per_stage(prod="ml.inf2.xlarge")' in run.out
    assert "classifier: 2 x ml.inf2.xlarge asks for: the model compiled for inf2 with AWS Neuron" in run.err


def test_where_nothing_is_known_there_is_no_line(gpus: Project) -> None:
    run = gpus.run("advise", "--workload", "tagger", "--apply")
    assert (run.code, run.out) == (0, "")
    assert "tagger: no advice that a line could say" in run.err


# Metrics of a file


def judged(project: Project, *found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    project.write("metrics.json", answer(*found))
    run = project.run("advise", "--metrics", "metrics.json", "--format", "json")
    assert run.code == 0, run.err
    return {one["workload"]: one for one in json.loads(run.out)["workloads"]}


def test_an_idle_gpu_is_told_what_to_move_to_and_what_it_saves(gpus: Project) -> None:
    # 28 % of the four GPUs of an ml.g5.12xlarge together are 7 % of each.
    found = judged(gpus, series("tagger GPUUtilization", 28, 28), series("tagger GPUMemoryUtilization", 40, 40))
    one = found["tagger"]
    assert (one["device"], one["average_percent"], one["idle"]) == ("GPU", 7, True)
    (move,) = one["moves"]
    assert move["what"] == "2 x ml.g4dn.xlarge"
    assert move["saves"] == pytest.approx(one["monthly"] - move["monthly"])
    assert "measure it first" in move["why"]
    assert move["prices"][0]["item"] == "ml.g4dn.xlarge"


def test_an_idle_cpu_moves_to_machines_that_run_its_image_and_its_busiest_hour(project: Project) -> None:
    project.spec(GPUS.replace("ml.g4dn.xlarge", "ml.m5.4xlarge"))
    # 80 % of one of 16 vCPUs, and little memory: a Graviton type would be cheaper, and so would one vCPU.
    one = judged(project, series("reader CPUUtilization", 80, 80), series("reader MemoryUtilization", 5, 5))["reader"]
    assert [move["what"] for move in one["moves"]] == ["2 x ml.m5.4xlarge", "4 x ml.m5.large"]
    busy = judged(project, series("reader CPUUtilization", 300, 300), series("reader MemoryUtilization", 5, 5))
    assert "4 x ml.m5.large" not in [move["what"] for move in busy["reader"]["moves"]]


def test_fewer_of_the_same_are_proposed_where_that_is_enough(gpus: Project) -> None:
    one = judged(gpus, series("reader GPUUtilization", 5, 15))["reader"]
    assert [move["what"] for move in one["moves"]] == ["2 x ml.g4dn.xlarge"]
    assert one["moves"][0]["saves"] == pytest.approx(one["monthly"] / 2)


@pytest.mark.parametrize(("percent", "idle"), [(19.9, True), (20.0, False), (90.0, False)])
def test_twenty_per_cent_is_the_line(gpus: Project, percent: float, idle: bool) -> None:
    one = judged(gpus, series("reader GPUUtilization", percent))["reader"]
    assert one["idle"] is idle
    assert idle or (one["moves"] == [] and "nothing to move" in one["message"])


def test_without_the_metric_how_busy_it_is_is_not_known(gpus: Project) -> None:
    one = judged(gpus, series("reader Invocations", 100, 200))["reader"]
    assert (one["average_percent"], one["idle"], one["moves"]) == (None, False, [])
    assert "no GPUUtilization among the metrics" in one["message"]


def test_a_workload_without_values_or_with_those_of_variants_is_not_judged(gpus: Project) -> None:
    empty = series("reader GPUUtilization")
    twice = [series("tagger GPUUtilization", 5), series("tagger GPUUtilization", 50)]
    gpus.write("metrics.json", answer(empty, *twice))
    run = gpus.run("advise", "--metrics", "metrics.json")
    assert "reader: no metrics of it" in run.out
    assert "tagger: it has variants, whose metrics are not told apart" in run.out


def test_prices_of_moves_have_their_sources(gpus: Project) -> None:
    gpus.write("metrics.json", answer(series("reader GPUUtilization", 5)))
    said = gpus.run("advise", "--metrics", "metrics.json").out
    assert "Sources of the prices:" in said and "prices are older than 180 days" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "it is no JSON"),
        ("[]", "it has no list `MetricDataResults`"),
        ('{"MetricDataResults": {}}', "it has no list `MetricDataResults`"),
        ('{"MetricDataResults": [3]}', "the label '' does not end in a metric"),
        (answer(series("reader CPUPercent", 1)), "the label 'reader CPUPercent' does not end in a metric"),
        (
            answer(series("GPUUtilization", 1)),
            "the label 'GPUUtilization' names no workload, and there are tagger, reader",
        ),
        (
            answer(series("raeder GPUUtilization", 1)),
            "the label 'raeder GPUUtilization' names 'raeder', which is no endpoint here",
        ),
        (
            answer({**series("reader GPUUtilization", 1), "Values": [1, 2]}),
            "'reader GPUUtilization' has 2 values and 1 timestamps",
        ),
        (answer({**series("reader GPUUtilization", 1), "Values": ["much"]}), "'much' is no value of a metric"),
        (answer({**series("reader GPUUtilization", 1), "Timestamps": ["noon"]}), "'noon' is no time"),
    ],
)
def test_a_file_without_metrics_is_refused(gpus: Project, text: str, said: str) -> None:
    gpus.write("metrics.json", text)
    run = gpus.run("advise", "--metrics", "metrics.json")
    assert (run.code, run.out) == (2, "")
    assert f"metrics.json cannot be used: {said}" in " ".join(run.err.split())


# Metrics of CloudWatch


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Give CloudWatch's own client, with credentials that open nothing, to whoever asks for one."""
    credentials = {"aws_access_key_id": "a", "aws_secret_access_key": "b"}
    made = boto3.client("cloudwatch", region_name="us-east-1", **credentials)
    monkeypatch.setattr(live_metrics, "client", lambda _region: made)
    return made


def queries(workload: str, endpoint: str, start: int) -> list[dict[str, Any]]:
    """Write what is to be asked about an endpoint."""
    dimensions = [{"Name": "EndpointName", "Value": endpoint}, {"Name": "VariantName", "Value": "AllTraffic"}]
    names = ("GPUUtilization", "GPUMemoryUtilization", "CPUUtilization", "MemoryUtilization", "Invocations")
    return [
        {
            "Id": f"m{start + number}",
            "Label": f"{workload} {name}",
            "MetricStat": {
                "Metric": {
                    "Namespace": "AWS/SageMaker" if name == "Invocations" else "/aws/sagemaker/Endpoints",
                    "MetricName": name,
                    "Dimensions": dimensions,
                },
                "Period": 3600,
                "Stat": "Sum" if name == "Invocations" else "Average",
            },
        }
        for number, name in enumerate(names)
    ]


def expected(asked: Sequence[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"MetricDataQueries": list(asked), "StartTime": ANY, "EndTime": ANY, **more}


def page(*found: dict[str, Any], **more: Any) -> dict[str, Any]:
    times = [{**one, "Timestamps": [datetime.fromisoformat(time) for time in one["Timestamps"]]} for one in found]
    return {"MetricDataResults": times, **more}


def test_live_metrics_are_asked_for_by_endpoint_and_variant_and_read_page_by_page(
    gpus: Project, cloudwatch: Any
) -> None:
    asked = [*queries("tagger", "vision-prod-tagger", 0), *queries("reader", "vision-prod-reader", 5)]
    busy, idle = series("tagger GPUUtilization", 200), series("reader GPUUtilization", 4)
    with Stubber(cloudwatch) as stub:
        first = page(busy, {**idle, "Id": "m5"}, NextToken="more")
        stub.add_response("get_metric_data", first, expected(asked))
        rest = page({**series("reader GPUUtilization", 8), "Id": "m5"})
        stub.add_response("get_metric_data", rest, expected(asked, NextToken="more"))
        run = gpus.run("advise", "--live", "--days", "7", "--format", "json")
        stub.assert_no_pending_responses()
    assert run.code == 0, run.err
    found = {one["workload"]: one for one in json.loads(run.out)["workloads"]}
    assert (found["tagger"]["average_percent"], found["tagger"]["idle"]) == (50, False)
    assert (found["reader"]["average_percent"], found["reader"]["busiest_percent"]) == (6, 8)


def test_so_many_days_back_are_looked_at(gpus: Project, cloudwatch: Any) -> None:
    seen: list[timedelta] = []
    about = "provide-client-params.cloudwatch.GetMetricData"
    cloudwatch.meta.events.register(about, lambda params, **_: seen.append(params["EndTime"] - params["StartTime"]))
    with Stubber(cloudwatch) as stub:
        stub.add_response("get_metric_data", page())
        assert gpus.run("advise", "--live", "--days", "3").code == 0
    assert seen == [timedelta(days=3)]


def test_what_aws_refuses_is_told_in_its_own_words(gpus: Project, cloudwatch: Any) -> None:
    with Stubber(cloudwatch) as stub:
        stub.add_client_error("get_metric_data", "AccessDenied", "not authorized to perform cloudwatch:GetMetricData")
        run = gpus.run("advise", "--live")
    assert (run.code, run.out) == (2, "")
    assert "not authorized to perform cloudwatch:GetMetricData" in run.err and "Traceback" not in run.err


def test_without_credentials_it_says_so(gpus: Project, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    run = gpus.run("advise", "--live")
    assert (run.code, run.out) == (2, "")
    assert "CloudWatch could not be asked: Unable to locate credentials" in run.err


# Wrong input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--workload", "taggr"), "No workload of these stacks is named 'taggr'. Did you mean 'tagger'?"),
        (("--stack", "prd"), "no environment has a stack 'prd'"),
        (("--metrics", "nowhere.json"), "nowhere.json"),
        (("--metrics", "metrics.json", "--live"), "give one of them"),
        (("--model", "bert-base", "--live"), "Without a spec there is no workload"),
        (("--model", "bert-base", "--p95", "soon"), "--p95 100ms"),
        (("--model", "bert-base", "--region", "us-est-1"), "'us-est-1' is no AWS region. Did you mean us-east-1"),
        (("--stack", "prod", "--plot", "picture.doc"), "name it .svg or .png"),
    ],
)
def test_what_is_wrong_is_said(gpus: Project, arguments: tuple[str, ...], said: str) -> None:
    gpus.write("metrics.json", answer())
    run = gpus.run("advise", *arguments)
    assert (run.code, run.out) == (2, "")
    assert said in " ".join(run.err.split()) and "Traceback" not in run.err
