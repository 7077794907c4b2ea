"""A stack full of texts that templates, quoting and formats of every kind might take for something else."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from mlstage import Ecs, Eks, Lambda, Model, Processing, RealtimeEndpoint, SageMaker
from mlstage.graph import Graph, Group, JsonDocument, Ref, Resource, Value, join
from tests.emit.strategies import TEXT
from tests.targets.support import ECR, graph

NAME: Final = "hostile_prod"
# Each by itself, so that one that does not come back is named.
KNOWN: Final = (
    "${aws_sns_topic.hostile-topic.arn}",
    "${var.secret}",
    "$${escaped}",
    "$$${three}",
    "$$$${four}",
    "%{ if true }yes%{ endif }",
    "%%{ if }",
    "%%%{ if }",
    "${",
    "%{",
    "$",
    "ends with $",
    "ends with $$",
    "ends with %",
    "{{ template }}",
    "{% raw %}{{ x }}{% endraw %}",
    "{# comment #}",
    "#{ruby}",
    "{}",
    "{0} {name}",
    "%s %(name)s %d",
    "'''",
    '"""',
    '"\'"\'"',
    "back\\slash \\n \\u0041 \\",
    "line\nbreak\r\nand\ttab\rreturn",
    "\n",
    " leading and trailing ",
    "\u2028line separator\u2029paragraph\u0085next",
    "\ufeffmark \u200b zero width \u202e turned",
    "🎉 👩‍👩‍👧 é ü \U0001f3f4",
    'jsonencode({"a": "b"})',
    '${jsonencode("x")}',
    "local.hostile",
    "<<EOT\ntext\nEOT",
    "<script>&amp;</script>",
    '{"looks": "like JSON"}',
    "[1, 2]",
    "null",
    "true",
    "012",
    "1e3",
    "- yaml: [x]",
    "key: value # comment",
    "!!python/object:os.system",
    "*anchor",
    "&anchor",
    "~",
    "2026-11-25",
    "yes",
    "$(command) `command` ; rm -rf / | true",
    "\x01 \x1f \x7f",
)


@cache
def texts() -> tuple[str, ...]:
    """Give the known ones and a few hundred that hypothesis draws."""
    drawn: list[str] = []

    @settings(max_examples=250, database=None, derandomize=True, deadline=None)
    @given(st.lists(TEXT, min_size=2, max_size=4))
    def draw(some: list[str]) -> None:
        drawn.extend(some)

    draw()
    return (*KNOWN, *dict.fromkeys(one for one in drawn if one and one not in KNOWN and _fair(one)))


def _fair(text: str) -> bool:
    # No service takes a NUL; and Terraform composes accents, which `compile` says (TF103).
    return "\0" not in text and unicodedata.is_normalized("NFC", text)


def hostile() -> Graph:
    """Build the graph: the texts as values, keys, descriptions, parts of texts with references, and in documents."""
    every = texts()
    own = {"mlstage:environment": "hostile", "mlstage:stack": "prod"}
    tags: dict[str, Value] = {**own, "${tag}": "%{tag}", 'jsonencode("x")': '"{{ tag }}"'}
    scorer: dict[str, Value] = {**tags, "mlstage:workload": "scorer"}
    numbered = {f"TEXT_{number}": text for number, text in enumerate(every)}
    topic = Resource(
        "hostile-topic", "aws.sns.Topic", {"name": "hostile-topic", "display_name": "${x} %{y}", "tags": tags}
    )
    arn = Ref("hostile-topic", "arn")
    joined = {f"JOIN_{number}": join(text, arn, text) for number, text in enumerate(every)}
    variables: dict[str, Value] = {**numbered, **joined}
    function = Resource(
        "hostile-function",
        "aws.lambda_.Function",
        {
            "name": "hostile-function",
            "description": "${x} %{y} $${z} \"'{{ }}",
            "role": "arn:aws:iam::123456789012:role/hostile",
            "package_type": "Image",
            "image_uri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/hostile:1",
            "environment": {"variables": dict(numbered)},
            "tags": {**scorer, **{f"text-{number}": text for number, text in enumerate(every)}},
        },
        workload="scorer",
    )
    waiting = Resource(
        "hostile-waiting",
        "aws.lambda_.Function",
        {**function.props, "name": "hostile-waiting", "environment": {"variables": variables}, "tags": scorer},
        workload="scorer",
    )
    key = Resource("hostile-key", "aws.kms.Key", {"description": " ".join(KNOWN), "tags": tags})
    container: Value = {
        "name": "main",
        "image": "123456789012.dkr.ecr.us-east-1.amazonaws.com/hostile:1",
        "command": every,
        "environment": tuple({"name": name, "value": text} for name, text in numbered.items()),
    }
    task = Resource(
        "hostile-task",
        "aws.ecs.TaskDefinition",
        {"family": "hostile", "container_definitions": JsonDocument((container,)), "tags": tags},
    )
    pipeline = Resource(
        "hostile-pipeline",
        "aws.sagemaker.Pipeline",
        {
            "pipeline_name": "hostile",
            "pipeline_display_name": "hostile",
            "role_arn": "arn:aws:iam::123456789012:role/hostile",
            "pipeline_definition": JsonDocument({"Version": "2020-12-01", **{text: (text, arn) for text in every}}),
            "tags": scorer,
        },
        workload="scorer",
    )
    settings_of_pods = Resource(
        "hostile-settings",
        "kubernetes.core.v1.ConfigMap",
        {"metadata": {"name": "hostile", "namespace": "default", "annotations": {"text": "${x}"}}, "data": numbered},
    )
    return Graph(
        (topic, function, waiting, key, task, pipeline, settings_of_pods),
        environment="hostile",
        stack="prod",
        tier="production",
        region="us-east-1",
        groups=(Group("scorer", "RealtimeEndpoint"),),
        exports={f"text{number}": text for number, text in enumerate(every)},
    )


WRITTEN: Final = "fraud_prod"


def written() -> Graph:
    """Build what an author's own texts come to: the environment and the commands of workloads on every target."""
    variables = {f"TEXT_{number}": text for number, text in enumerate(KNOWN)}
    model = Model(image=f"{ECR}/fraud:1", artifact="s3://acme-models/model.tar.gz", size="1GB", environment=variables)

    def job(name: str, on: SageMaker | Ecs | Eks | Lambda) -> Processing:
        return Processing(
            name=name, image=f"{ECR}/clean:1", on=on, environment=variables, command=KNOWN, schedule="rate(7 days)"
        )

    found = graph(
        RealtimeEndpoint(name="scorer", model=model, on=SageMaker(instance="ml.m5.xlarge"), replicas=2),
        job("on-sagemaker", SageMaker(instance="ml.m5.xlarge")),
        job("on-ecs", Ecs(cpu=1, memory="2GB")),
        job("on-eks", Eks(cpu=1, memory="2GB")),
        job("on-lambda", Lambda(memory="2GB")),
    )
    return replace(found, region="us-east-1")


def lost_texts(places: Mapping[str, Mapping[str, Any]]) -> list[tuple[str, str, Any]]:
    """Give what came back otherwise than it was written: the place, the text, and what is there now."""
    return [
        (place, text, found.get(f"TEXT_{number}"))
        for place, found in places.items()
        for number, text in enumerate(texts())
        if found.get(f"TEXT_{number}") != text
    ]
