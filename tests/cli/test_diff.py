"""`mlstage diff`: what differs between two stacks, who meant it, and what comes of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from mlstage.graph import Graph, Resource
from mlstage.insight.outline import Outline
from mlstage.insight.parity import Difference, Side, parity
from tests.project_support import SPEC, Project

REGIONS = """
from mlstage import Environment, Model, RealtimeEndpoint, SageMaker, Stage, XGBoost

model = Model(image=XGBoost("1.7-1"), artifact="s3://acme-models/fraud/model.tar.gz")
environment = Environment(
    name="fraud",
    owner="payments",
    stages={"us": Stage(tier="production"), "eu": Stage(tier="production")},
    workloads=[RealtimeEndpoint(name="scorer", model=model, on=SageMaker(instance="ml.m5.xlarge"), replicas=2)],
)
"""


def compared(project: Project, *arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Run the command, and give its differences by path, those that follow from others under `→ workload: what`."""
    run = project.run("diff", *arguments, "--format", "json")
    (pair,) = json.loads(run.out)["pairs"]
    return run.code, {_key(one): one for one in pair["differences"]}


def _key(one: dict[str, Any]) -> str:
    path = ".".join(part for part in (one["workload"], one["field"]) if part)
    return f"→ {one['workload']}: {one['field']}" if one["consequence"] else path


def sister(project: Project, allowed: str = "") -> None:
    """Write a second environment that is the first one but for its name and a machine."""
    text = SPEC.replace('name="fraud"', 'name="returns"').replace('"ml.m5.xlarge"', '"ml.c5.xlarge"')
    project.spec(text.replace("    workloads=[", f"    {allowed}\n    workloads=[", 1), "sister")


def test_each_value_is_told_with_who_wrote_it_and_where(project: Project) -> None:
    code, found = compared(project, "test", "prod", "--fail-on", "unmeant")
    assert code == 0
    one = found["scorer.on.instance"]
    assert (one["first"], one["second"]) == ("ml.t2.medium", "ml.m5.xlarge")
    assert (one["verdict"], one["because"]) == ("meant", "per_stage(test=…, prod=…)")
    places = [f"{where['file']}:{where['line']}" for where in one["wheres"]]
    assert places == [project.line("environments/spec.py", text) for text in ('test="ml.t2.medium"', 'prod="ml.m5.')]
    assert found["scorer.replicas"]["second"] == "Autoscale(min=2, max=8, target=InvocationsPerInstance(600))"
    assert {one["verdict"] for one in found.values()} == {"meant"}


def test_what_follows_is_traced_to_what_it_follows_from(project: Project) -> None:
    _, found = compared(project, "test", "prod")
    because = {key: one["because"] for key, one in found.items() if one["consequence"]}
    assert because["→ scorer: scalable target"] == "follows from replicas"
    assert because["→ scorer: metric alarm"] == "follows from tier"
    assert because["→ scorer: log group: retention_in_days"] == "follows from tier"
    assert because["→ training: schedule"] == "follows from schedule"
    assert because["→ explore: notebook: direct_internet_access"] == "follows from tier"
    assert "→ scorer: endpoint configuration: production_variants[0].instance_type" not in because


def test_an_override_is_meant_and_named(project: Project) -> None:
    project.stack("prod", "training:\n  instance: ml.c5.2xlarge\n")
    _, found = compared(project, "test", "prod")
    one = found["training.on.instance"]
    assert (one["verdict"], one["because"]) == ("meant", "overridden in Pulumi.prod.yaml")
    assert one["wheres"][1] == {"file": "Pulumi.prod.yaml", "line": 5}


def test_environments_that_are_written_otherwise_differ_unmeant(project: Project) -> None:
    sister(project)
    code, found = compared(project, "fraud/prod", "returns/prod", "--fail-on", "unmeant")
    assert code == 1
    assert set(found) == {"scorer.on.instance"}
    assert found["scorer.on.instance"]["verdict"] == "unmeant"


def test_what_an_environment_lists_is_allowed(project: Project) -> None:
    sister(project, 'may_differ=[__import__("mlstage").MayDiffer("scorer.on", reason="less traffic")],')
    code, found = compared(project, "fraud/prod", "returns/prod", "--fail-on", "unmeant")
    assert (code, found["scorer.on.instance"]["verdict"]) == (0, "allowed")
    assert found["scorer.on.instance"]["because"] == "less traffic"
    assert compared(project, "fraud/prod", "returns/prod", "--fail-on", "any")[0] == 1


def test_a_value_per_stage_excuses_no_difference_between_environments_in_one_stack(project: Project) -> None:
    """Both say `per_stage(prod=…)`, and say different things."""
    sister(project)
    _, found = compared(project, "fraud/prod", "returns/prod")
    assert found["scorer.on.instance"]["because"] == "written otherwise"
    _, found = compared(project, "fraud/test", "returns/prod")
    assert found["scorer.on.instance"]["verdict"] == "meant"


def test_the_stacks_of_two_regions_differ_in_their_region_only(project: Project) -> None:
    project.spec(REGIONS)
    project.stack("us")
    project.stack("eu", region="eu-west-1")
    code, found = compared(project, "us", "eu", "--fail-on", "unmeant")
    assert set(found) == {"region"}
    assert code == 0


def test_what_a_region_brings_unasked_is_unmeant() -> None:
    """As where a region has fewer zones: nobody wrote that."""
    assert parity(side("us-east-1", 3), side("eu-west-1", 2)).of("unmeant") == (
        Difference(
            "",
            "subnet",
            "3",
            "2",
            "unmeant",
            "follows from the region, which nobody asked to matter",
            consequence=True,
        ),
    )


def side(region: str, zones: int) -> Side:
    subnets = tuple(Resource(f"fraud-subnet-{number}", "aws.ec2.Subnet", {}) for number in range(zones))
    return Side(
        Outline("fraud", region, "production", region, {}, ()), Graph(subnets, "fraud", region, "production", region)
    )


VARIANTS = """
from mlstage import Environment, MayDiffer, Model, RealtimeEndpoint, SageMaker, Variant, XGBoost, per_stage

model = Model(image=XGBoost("1.7-1"), artifact="s3://acme-models/fraud/model.tar.gz")
environment = Environment(
    name="fraud",
    owner="payments",
    may_differ=[MayDiffer("scorer.variants.challenger.replicas", reason="tried for a week")],
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=model,
            on=SageMaker(instance="ml.m5.large"),
            replicas=2,
            variants=[
                Variant(name="former", model=model, weight=1),
                Variant(name="challenger", model=model, weight=per_stage(test=1, prod=3)),
            ],
        )
    ],
)
"""


def test_a_variant_is_compared_with_the_one_of_its_name(project: Project) -> None:
    project.spec(VARIANTS)
    code, found = compared(project, "test", "prod", "--fail-on", "unmeant")
    one = found["scorer.variants.challenger.weight"]
    assert (code, one["first"], one["second"]) == (0, "1", "3")
    assert (one["verdict"], one["because"]) == ("meant", "per_stage(test=…, prod=…)")
    project.spec(VARIANTS.replace("challenger.replicas", "champion"))
    assert "has no 'scorer.variants.champion' that may differ" in project.run("check").out


def test_a_workload_that_one_side_lacks_is_one_difference(project: Project) -> None:
    text = SPEC.replace('name="fraud"', 'name="returns"').replace('name="explore"', 'name="desk"')
    project.spec(text, "sister")
    _, found = compared(project, "fraud/prod", "returns/prod")
    assert {key: (one["first"], one["second"]) for key, one in found.items()} == {
        "explore": ("Notebook", "none"),
        "desk": ("none", "Notebook"),
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("test", "prd"), "There is no stack 'prd'. Did you mean prod?"),
        (("fraud/test", "frau/prod"), "There is no stack 'frau/prod'. Did you mean fraud/prod?"),
        (("fraud/test", "prod"), "fraud/test and prod: name both as ENVIRONMENT/STACK, or both as STACK."),
    ],
)
def test_a_stack_that_there_is_not_is_refused_with_the_nearest_name(
    project: Project, arguments: tuple[str, str], said: str
) -> None:
    run = project.run("diff", *arguments)
    assert run.code == 2
    assert said in run.err


def test_of_long_values_the_table_shows_where_they_part(project: Project) -> None:
    begin = "s3://acme-models/fraud/a-folder-for-each-of-the-many-teams-of-payments/2026-11"
    both = f'artifact=per_stage(test="{begin}/small/model.tar.gz", prod="{begin}/large/model.tar.gz")'
    project.spec(SPEC.replace('artifact="s3://acme-models/fraud/model.tar.gz"', both))
    run = project.run("diff", "test", "prod", "--format", "markdown")
    assert "| …/small/model.tar.gz | …/large/model.tar.gz |" in run.out.replace("\\", "")


def test_the_table_is_for_people(project: Project, golden: Callable[[str, str], None]) -> None:
    golden("golden/diff.md", project.run("diff", "test", "prod", "--format", "markdown").out)
