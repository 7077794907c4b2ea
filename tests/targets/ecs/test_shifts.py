"""Updates of a service with a second fleet: what ECS is told, what moves the traffic, what takes it back."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

import pytest

from mlstage import (
    AllAtOnce,
    Autoscale,
    Canary,
    CpuUtilization,
    Ecs,
    Linear,
    Model,
    RealtimeEndpoint,
    Rolling,
    Watch,
)
from mlstage.emit import emit_program
from mlstage.graph import Ref, Resource, Value
from mlstage.insight.cost import estimate
from mlstage.rules import all_rules, judge, load_settings
from mlstage.spec.updates import Update
from tests.engine_support import OfflineProject
from tests.project_support import Project
from tests.project_support import project as spec_project
from tests.targets.support import ECR, graph, inside, only

__all__ = ["spec_project"]
REPOSITORY = Path(__file__).parents[3]
SERVICE = "aws.ecs.Service"


def scorer(update: Update | None, on: Ecs | None = None, **fields: object) -> RealtimeEndpoint:
    told: dict[str, object] = {
        "name": "scorer",
        "model": Model(image=f"{ECR}/fraud:1", size="1GB"),
        "on": on or Ecs(cpu=2, memory="4GB"),
        "replicas": Autoscale(min=2, max=4, target=CpuUtilization(60)),
        "update": update,
    }
    return RealtimeEndpoint(**{**told, **fields})  # type: ignore[arg-type]


def service(update: Update | None, stack: str = "prod") -> Resource:
    return only(graph(scorer(update), stack=stack), SERVICE)


CONFIGURED: dict[str, tuple[Update, Value]] = {
    "all at once": (AllAtOnce(watched_for="15m"), {"bake_time_in_minutes": "15", "strategy": "BLUE_GREEN"}),
    "canary": (
        Canary(percent=10, watched_for="5m"),
        {
            "bake_time_in_minutes": "5",
            "strategy": "CANARY",
            "canary_configuration": {"canary_percent": 10, "canary_bake_time_in_minutes": "5"},
        },
    ),
    "linear": (
        Linear(percent=25, watched_for="90s"),
        {
            "bake_time_in_minutes": "2",
            "strategy": "LINEAR",
            "linear_configuration": {"step_percent": 25, "step_bake_time_in_minutes": "2"},
        },
    ),
}


@pytest.mark.parametrize("case", CONFIGURED)
def test_the_traffic_moves_as_the_spec_says(case: str) -> None:
    update, wanted = CONFIGURED[case]
    assert service(update).props["deployment_configuration"] == wanted


def test_there_is_room_for_both_fleets_and_no_breaker_which_is_for_rolling_only() -> None:
    props = service(Canary()).props
    assert (props["deployment_minimum_healthy_percent"], props["deployment_maximum_percent"]) == (100, 200)
    assert "deployment_circuit_breaker" not in props


@pytest.mark.parametrize("stack", ["test", "prod"])
def test_an_alarm_takes_it_back_in_every_stack_whichever_group_serves(stack: str) -> None:
    found = graph(scorer(Canary()), stack=stack)
    alarms = only(found, SERVICE).props["alarms"]
    assert alarms == {"enable": True, "rollback": True, "alarm_names": (Ref("fraud-scorer-failing-alarm", "name"),)}
    watched = found.by_name["fraud-scorer-failing-alarm"].props["dimensions"]
    assert watched == {"LoadBalancer": Ref("fraud-scorer-balancer", "arn_suffix")}


def test_ecs_moves_the_weights_of_a_rule_which_nobody_else_touches() -> None:
    found = graph(scorer(Canary()))
    rule = found.by_name["fraud-scorer-traffic"]
    assert rule.options.ignore_changes == ("actions",)
    groups = inside(rule.props, "actions", 0, "forward", "target_groups")
    first, second = Ref("fraud-scorer-targets", "arn"), Ref("fraud-scorer-next-targets", "arn")
    assert groups == ({"arn": first, "weight": 100}, {"arn": second, "weight": 0})
    assert inside(only(found, SERVICE).props, "load_balancers", 0) == {
        "target_group_arn": first,
        "container_name": "scorer",
        "container_port": 8080,
        "advanced_configuration": {
            "alternate_target_group_arn": second,
            "production_listener_rule": Ref("fraud-scorer-traffic", "arn"),
            "role_arn": Ref("fraud-scorer-traffic-role", "arn"),
        },
    }


def test_with_a_certificate_the_rule_is_the_one_of_https() -> None:
    certificate = "arn:aws:acm:us-east-1:123456789012:certificate/1f2e3d4c-0000-4000-8000-000000000000"
    found = graph(scorer(Canary(), Ecs(cpu=2, memory="4GB", certificate=certificate)))
    listener = found.by_name["fraud-scorer-traffic"].props["listener_arn"]
    assert listener == Ref("fraud-scorer-tls-listener", "arn")
    assert found.by_name["fraud-scorer-tls-listener"].props["protocol"] == "HTTPS"


def test_both_groups_check_health_alike_and_bear_different_names() -> None:
    found = graph(scorer(Canary()))
    one, other = (dict(found.by_name[f"fraud-scorer-{part}"].props) for part in ("targets", "next-targets"))
    names = (one.pop("name"), other.pop("name"))
    assert one == other
    assert names[0] != names[1]
    assert all(len(str(name)) <= 32 for name in names), "Elastic Load Balancing, CreateTargetGroup: Name"


def test_the_service_needs_the_rule_and_the_right_to_change_it() -> None:
    assert {"fraud-scorer-traffic", "fraud-scorer-traffic-role-policy"} <= {*service(Canary()).depends_on}


def test_whoever_deploys_waits_for_its_end() -> None:
    # Ten steps of an hour, and an hour before the old tasks go.
    assert service(Linear(percent=10, watched_for="1h")).options.minutes >= 11 * 60
    assert service(Rolling()).options.minutes == 0, "the provider's own time"


def test_a_rolling_update_has_none_of_it() -> None:
    found = graph(scorer(Rolling()))
    assert "deployment_configuration" not in only(found, SERVICE).props
    assert [one.name for one in found.resources if "traffic" in one.name or "next" in one.name] == []


def test_rules_have_nothing_against_it_and_all_of_it_has_a_price() -> None:
    found = graph(scorer(Canary()), watch=Watch("payments-ml@acme.example"))
    verdict = judge(
        found, load_settings(REPOSITORY / "policies" / "strict.json", all_rules()), today=date(2026, 11, 25)
    )
    about = ("fraud-scorer-service", "fraud-scorer-traffic", "fraud-scorer-traffic-role", "fraud-scorer-next-targets")
    assert [(one.rule.id, one.finding.resource) for one in verdict.objections if one.finding.resource in about] == []
    assert [one.type for one in estimate(found).lines if "no price for this type" in one.note] == []


def test_a_service_with_a_canary_reads_well(golden: Callable[[str, str], None]) -> None:
    text = emit_program(graph(scorer(Canary(percent=10))), spec="environments/spec.py", version="1.0.0")
    # What comes before is the same for every service.
    golden("golden/canary.py.txt", text[text.index("scorer_next_targets = ") :])


SPEC = """from mlstage import (
    Autoscale, Canary, CpuUtilization, Ecs, Environment, Linear, Model, RealtimeEndpoint, per_stage,
)

environment = Environment(
    name="fraud",
    owner="payments",
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud:1"),
            on=Ecs(cpu=2, memory="4GB"),
            replicas=Autoscale(min=2, max=4, target=CpuUtilization(60)),
            update=per_stage(test=Linear(), prod=Canary()),
        ),
    ],
)
"""


@pytest.mark.engine
def test_it_comes_up_stays_as_it_is_and_goes_and_its_program_type_checks(project: OfflineProject) -> None:
    (project.root / "environments").mkdir()
    (project.root / "environments/spec.py").write_text(SPEC)
    for stack in ("test", "prod"):
        project.stack(stack)
    done = subprocess.run(
        [sys.executable, "-m", "mlstage", "compile"], cwd=project.root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    settings = ["--config-file", str(REPOSITORY / "pyproject.toml"), "--cache-dir", str(REPOSITORY / ".mypy_cache")]
    typed = subprocess.run(
        [sys.executable, "-m", "mypy", *settings, str(project.root / "programs/fraud")],
        cwd=project.root,
        capture_output=True,
        text=True,
    )
    assert typed.returncode == 0, typed.stdout
    project.up(stack="prod")
    made = project.events("prod")
    assert [event["name"] for event in made if event.get("refused")] == []
    inputs: Mapping[str, Mapping[str, str]] = project.resources("prod")["Service/fraud-scorer-service"]["inputs"]
    assert inputs["deploymentConfiguration"]["strategy"] == "CANARY"
    project.up(stack="prod")
    assert project.events("prod") == made
    project.destroy(stack="prod")
    assert project.resources("prod") == {}


def test_a_root_module_refuses_it_and_says_since_when_terraform_could(spec_project: Project) -> None:
    spec_project.write("environments/spec.py", SPEC)
    run = spec_project.run("compile", "--target", "terraform")
    assert run.code == 2, run.err
    assert "TF105" in run.err
    assert "from 6.21 on" in run.err
    assert not (spec_project.root / "terraform").exists(), "none of the files, rather than some"
