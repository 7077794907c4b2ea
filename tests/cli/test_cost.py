"""`mlstage cost`: of our own stacks and of others' plans, compared, against budgets, and with wrong input."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.project_support import SPEC, Project

PLANS = Path(__file__).parents[1] / "readers/plans"
UNKNOWN_AT_PREVIEW = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def estimates(project: Project, *arguments: str) -> dict[str, dict[str, Any]]:
    """Run the command, and give its estimates by their stacks."""
    run = project.run("cost", *arguments, "--format", "json")
    assert run.code == 0, run.err
    return {one["stack"]: one for one in json.loads(run.out)["estimates"]}


def unpriced(done: dict[str, Any]) -> dict[str, str]:
    return {one["resource"]: one["note"] for one in done["lines"] if one["status"] == "unpriced"}


def git(project: Project, *arguments: str) -> None:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@acme.example")
    subprocess.run(["git", *who, *arguments], cwd=project.root, check=True, capture_output=True)


def with_budget(usd: int) -> str:
    stages = f"stages={{'test': Stage(tier='test'), 'prod': Stage(tier='production', monthly_budget={usd})}},"
    text = SPEC.replace('    owner="payments",', f'    owner="payments", {stages}')
    return text.replace("    Spot,", "    Spot, Stage,", 1)


# What is written about a stack


def test_the_data_has_every_field_that_programs_read(project: Project) -> None:
    run = project.run("cost", "--stack", "prod", "--format", "json")
    data = json.loads(run.out)
    assert (data["version"], data["currency"], data["hours_per_month"]) == (1, "USD", 730)
    assert "AWS" in data["notice"] and data["warnings"]
    (prod,) = data["estimates"]
    assert prod["monthly"].keys() == prod["hourly"].keys() == {"low", "expected", "high"}
    assert prod["workloads"]["scorer"]["expected"] == pytest.approx(2 * 0.23 * 730 + 0.1)
    (hosting,) = [one for one in prod["lines"] if one["what"] == "2 to 8 x ml.m5.xlarge, hosting"]
    assert hosting["quantity"] == {"low": 1460, "expected": 1460, "high": 5840}
    (listed,) = hosting["prices"]
    assert (listed["usd"], listed["unit"], listed["region"], listed["basis"]) == (0.23, "hour", "us-east-1", "observed")
    assert listed["source"] and listed["date"]
    assert all("monthly" not in one for one in prod["lines"] if one["status"] != "priced")


@pytest.mark.parametrize("style", ["text", "markdown"])
def test_age_region_and_disclaimer_are_told(project: Project, style: str) -> None:
    said = project.run("cost", "--stack", "prod", "--format", style).out.replace("\\", "")
    assert "fraud in prod, us-east-1" in said
    assert "prices are older than 180 days" in said
    assert "`mlstage prices refresh` reads today's" in said
    assert "AWS says of its price lists" in said


def test_p_types_are_warned_of_whatever_their_age(project: Project) -> None:
    project.spec(SPEC.replace('prod="ml.m5.xlarge"', 'prod="ml.p3.2xlarge"'))
    said = project.run("cost", "--stack", "prod").out
    assert "ml.p3.2xlarge: AWS has cut the prices of P types more than once" in said


def test_a_savings_plan_whose_rate_is_not_known_leaves_the_full_price_and_says_so(project: Project) -> None:
    text = SPEC.replace(
        "            replicas=per_stage(",
        "            purchase=SavingsPlan(term='1y'),\n            replicas=per_stage(",
        1,
    )
    project.spec(text.replace("    Spot,", "    SavingsPlan, Spot,", 1))
    prod = estimates(project, "--stack", "prod")["prod"]
    (hosting,) = [one for one in prod["lines"] if "hosting" in one["what"]]
    assert hosting["monthly"]["expected"] == pytest.approx(335.8)
    assert "the rate of a SageMaker Savings Plan for 1y is not k" in hosting["note"]
    assert "64%" in hosting["note"]


# Budgets


@pytest.mark.parametrize(("usd", "code"), [(300, 1), (600, 0), (9000, 0)])
def test_only_what_is_expected_above_the_budget_ends_with_1(project: Project, usd: int, code: int) -> None:
    project.spec(with_budget(usd))
    run = project.run("cost", "--stack", "prod")
    assert run.code == code
    told = {300: "Over budget: fraud in prod is expected to cost", 600: "Budget: fraud in prod may cost up to"}
    assert told.get(usd, "Within its budget of $9,000.00 a month") in run.out
    assert ("over budget: fraud in prod" in run.err) == bool(code)


# Comparisons


def test_two_stacks_are_compared_line_by_line(project: Project) -> None:
    run = project.run("cost", "--compare", "test", "prod", "--format", "json")
    (pair,) = json.loads(run.out)["comparisons"]
    assert pair["labels"] == ["test", "prod"]
    changes = {(one["before"]["what"], one["after"]["what"]): one for one in pair["changes"]}
    one = changes["1 x ml.t2.medium, hosting", "2 to 8 x ml.m5.xlarge, hosting"]
    assert one["difference"]["expected"] == pytest.approx(335.8 - 0.0557 * 730, abs=0.01)
    use = next(one for one in pair["changes"] if one["workload"] == "training" and one["status"] == "usage")
    assert use["before"]["what"] == "1 x ml.c5.xlarge, training"  # in test nothing says how often


def test_what_is_paid_by_use_on_one_side_has_no_zero(project: Project) -> None:
    lines = project.run("cost", "--compare", "test", "prod", "--format", "markdown").out.splitlines()
    (row,) = [line for line in lines if "training" in line and "by use" in line]
    assert row.split("|")[-5:-1] == [" by use ", "  ", "  ", "  "]
    assert "What is paid by use, and what has no price, is in no sum." in lines


def test_a_revision_is_compared_with_the_work_tree(project: Project) -> None:
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "the beginning")
    project.spec(SPEC.replace('prod="ml.m5.xlarge"', 'prod="ml.m5.2xlarge"'))
    run = project.run("cost", "--base", "HEAD", "--format", "json")
    found = {tuple(one["labels"]): one["difference"]["expected"] for one in json.loads(run.out)["comparisons"]}
    assert found["prod at HEAD", "prod now"] == pytest.approx(2 * (0.4608 - 0.23) * 730, abs=0.01)
    assert found["test at HEAD", "test now"] == 0
    assert subprocess.run(["git", "status", "--short"], cwd=project.root, capture_output=True, text=True).stdout == (
        " M environments/spec.py\n"
    )


def test_a_spec_with_errors_hides_no_other_and_has_not_gone(project: Project) -> None:
    project.spec(SPEC.replace('name="fraud"', 'name="returns"').replace("/fraud/", "/returns/"), "other")
    git(project, "init", "--quiet")
    git(project, "add", ".")
    git(project, "commit", "--quiet", "--message", "the beginning")
    project.spec(SPEC.replace('prod="ml.m5.xlarge"', 'prod="ml.m5.xlrge"'), "other")
    plain = project.run("cost", "--stack", "prod")
    assert plain.code == 2
    assert "'ml.m5.xlrge' is no SageMaker instance type" in plain.err
    assert "fraud in prod, us-east-1" in plain.out
    compared = project.run("cost", "--base", "HEAD", "--format", "json")
    assert compared.code == 2
    assert {one["environment"] for one in json.loads(compared.out)["comparisons"]} == {"fraud"}


# What mlstage did not write


def test_a_plan_of_others_is_priced_by_its_addresses(project: Project) -> None:
    (done,) = estimates(project, "--plan", str(PLANS / "services.json")).values()
    assert done["region"] == "eu-west-1"
    priced = {one["resource"] for one in done["lines"] if one["status"] == "priced"}
    assert priced == {"cheap", "inherits", "steady", "module.capacity.aws_autoscaling_group.machines"}


def in_plan(address: str, type_: str, unknown: tuple[str, ...] = (), **values: object) -> dict[str, Any]:
    return {"address": address, "type": type_, "values": values, "unknown": dict.fromkeys(unknown, True)}


def plan(*resources: dict[str, Any]) -> str:
    """Write a plan as `terraform show -json` does; of `unknown` properties only AWS will know the value."""
    planned, changes = [], []
    for one in resources:
        mode = "data" if one["address"].startswith("data.") else "managed"
        named = {"address": one["address"], "mode": mode, "type": one["type"]}
        named["name"] = one["address"].rpartition(".")[2].partition("[")[0]
        planned.append({**named, "values": one["values"]})
        change = {"actions": ["create"], "before": None, "after": one["values"], "after_unknown": one["unknown"]}
        changes.append({**named, "change": change})
    provider = {"aws": {"name": "aws", "expressions": {"region": {"constant_value": "us-east-1"}}}}
    return json.dumps(
        {
            "format_version": "1.2",
            "planned_values": {"root_module": {"resources": planned}},
            "resource_changes": changes,
            "configuration": {"provider_config": provider, "root_module": {}},
        }
    )


def test_each_resource_of_a_plan_without_a_price_is_named(project: Project) -> None:
    resources = (
        in_plan("aws_sagemaker_notebook_instance.open", "aws_sagemaker_notebook_instance", ("instance_type",)),
        in_plan("aws_instance.big", "aws_instance", instance_type="x9.huge", root_block_device=[{"volume_size": 8}]),
        in_plan("aws_glue_job.etl", "aws_glue_job", name="etl"),
        # What only reads is in no bill.
        in_plan("data.aws_iam_policy_document.trust", "aws_iam_policy_document"),
        in_plan("aws_nat_gateway.out[0]", "aws_nat_gateway"),
        in_plan("aws_nat_gateway.out[1]", "aws_nat_gateway"),
    )
    project.write("plan.json", plan(*resources))
    (done,) = estimates(project, "--plan", "plan.json").values()
    assert unpriced(done) == {
        "open": "its instance type is not known",
        "big": "no price of x9.huge is known in us-east-1",
        "etl": "mlstage has no price for this type of resource",
    }
    hours = [one["monthly"]["expected"] for one in done["lines"] if one["what"] == "NAT gateway"]
    assert hours == [pytest.approx(0.045 * 730)] * 2
    said = project.run("cost", "--plan", "plan.json").out
    assert "| aws_nat_gateway.out[0]" not in said and "aws_nat_gateway.out[0], aws_nat_gateway.out[1]" in said


def test_a_plan_is_priced_by_what_its_project_has_refreshed(project: Project) -> None:
    row = ("AmazonEC2", "nat-gateway", "Hours", "us-east-1", "0.05", "hour", "0", "2026-11-24", "bill")
    project.write("prices.tsv", "\t".join(row) + "\n")
    project.write("plan.json", plan(in_plan("aws_nat_gateway.out", "aws_nat_gateway")))
    (done,) = estimates(project, "--plan", "plan.json").values()
    assert done["monthly"]["expected"] == pytest.approx(0.05 * 730)


def test_each_resource_of_a_preview_without_a_price_is_named(project: Project) -> None:
    def step(type_: str, name: str, **inputs: object) -> dict[str, Any]:
        urn = f"urn:pulumi:prod::shop::{type_}::{name}"
        return {"op": "create", "newState": {"urn": urn, "type": type_, "custom": True, "inputs": inputs}}

    steps = [
        step("aws:lb/loadBalancer:LoadBalancer", "front", loadBalancerType="application"),
        step("aws:glue/job:Job", "etl"),
        step("aws:sagemaker/notebookInstance:NotebookInstance", "open", instanceType=UNKNOWN_AT_PREVIEW),
    ]
    project.write("preview.json", json.dumps({"config": {"aws:region": "us-east-1"}, "steps": steps}))
    done = estimates(project, "--preview", "preview.json")["prod"]
    assert unpriced(done) == {
        "etl": "mlstage has no price for this type of resource",
        "open": "its instance type is not known",
    }
    (front,) = [one for one in done["lines"] if one["resource"] == "front" and one["status"] == "priced"]
    assert front["monthly"]["expected"] == pytest.approx(0.0225 * 730, abs=0.01)


# Wrong input


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("environments/spek.py",), "there is no spec 'environments/spek.py'"),
        (("--stack", "prd"), "no environment has a stack 'prd'"),
        (("--compare", "test", "prd"), "no environment has a stack 'prd'"),
        (("--compare", "test", "prod", "--base", "HEAD"), "answer different questions"),
        (("--base", "mian"), "is in no git repository"),
        (("--plan", "notes.txt"), "this is no JSON"),
        (("--plan", "planned"), "this is the plan as Terraform keeps it, which only Terraform can read"),
        (("--plan", "nowhere.json"), "nowhere.json"),
        (("--region", "eu-west-1"), "--region"),
        (("--plan", "notes.txt", "--region", "eu-wst-1"), "'eu-wst-1' is no AWS region. Did you mean eu-west-1"),
        (("--plot", "cost.doc"), "cost.doc"),
        (("--compare", "test", "prod", "--plot", "cost.svg"), "--plot draws sums, no differences"),
    ],
)
def test_what_is_wrong_is_said(project: Project, arguments: tuple[str, ...], said: str) -> None:
    project.write("notes.txt", "a note")
    (project.root / "planned").write_bytes(b"PK\x03\x04" + bytes(20))
    run = project.run("cost", *arguments)
    assert (run.code, run.out) == (2, "")
    assert said in run.err and "Traceback" not in run.err


@pytest.mark.parametrize(
    ("name", "said"),
    [("ml.m5.xlrge", "Did you mean ml.m5.xlarge"), ("gibberish", "nothing else with a price, called 'gibberish'")],
)
def test_a_price_of_nothing_is_refused_with_the_nearest_name(project: Project, name: str, said: str) -> None:
    run = project.run("prices", "show", name)
    assert run.code == 2
    assert said in run.err


def test_a_type_without_a_price_has_none_and_no_zero(project: Project) -> None:
    run = project.run("prices", "show", "ml.trn2.48xlarge", "--format", "json")
    assert (run.code, json.loads(run.out)["prices"]) == (0, {"ml.trn2.48xlarge": []})
