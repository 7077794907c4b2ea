"""The history of a small project: a spec, and one change of it after the other, each as a reviewer would meet it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

SPEC = '''"""Fraud scoring, as the demo history begins."""

from mlstage import (
    Autoscale,
    BatchInference,
    Environment,
    InvocationsPerInstance,
    Model,
    Notebook,
    OnDemand,
    RealtimeEndpoint,
    SageMaker,
    Training,
    XGBoost,
    per_stage,
)

model = Model(image=XGBoost("1.7-1"), artifact="s3://acme-models/fraud/model.tar.gz", size="200MB")

environment = Environment(
    name="fraud",
    owner="payments",
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=model,
            on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.m5.xlarge")),
            replicas=per_stage(test=1, prod=Autoscale(min=4, max=12, target=InvocationsPerInstance(600))),
        ),
        Training(
            name="training",
            image=XGBoost("1.7-1"),
            inputs={"train": "s3://acme-data/fraud/train/"},
            output="s3://acme-models/fraud/",
            on=SageMaker(instance="ml.m5.2xlarge"),
            purchase=OnDemand(),
            max_runtime="2h",
            schedule=per_stage(prod="cron(0 3 * * ? *)"),
        ),
        BatchInference(
            name="rescore",
            model=model,
            input="s3://acme-data/fraud/ledger/",
            output="s3://acme-data/fraud/scores/",
            on=SageMaker(instance="ml.m5.xlarge"),
        ),
        Notebook(name="explore", instance="ml.t3.medium", stop_when_idle="1h"),
    ],
)
'''

CHURN = '''"""Churn scoring, which joins later."""

from mlstage import BatchInference, Environment, Model, SageMaker, XGBoost

environment = Environment(
    name="churn",
    owner="crm",
    workloads=[
        BatchInference(
            name="scores",
            model=Model(image=XGBoost("1.7-1"), artifact="s3://acme-models/churn/model.tar.gz"),
            input="s3://acme-data/churn/customers/",
            output="s3://acme-data/churn/scores/",
            on=SageMaker(instance="ml.m5.xlarge"),
            schedule="cron(0 5 ? * MON *)",
        ),
    ],
)
'''

SPEC_FILE, CHURN_FILE, TEST_FILE = "environments/fraud.py", "environments/churn.py", "Pulumi.test.yaml"
STACK_FILE = "config:\n  aws:region: {region}\n"
Files = dict[str, str]


@dataclass(frozen=True)
class Change:
    """One commit: its name, and what it does to the project's files."""

    name: str
    apply: Callable[[Files], Files]


def _edit(name: str, *edits: tuple[str, str]) -> Change:
    def apply(files: Files) -> Files:
        text = files[SPEC_FILE]
        for old, new in edits:
            assert text.count(old) == 1, f"{name}: {old!r} is there {text.count(old)} times"
            text = text.replace(old, new)
        return {**files, SPEC_FILE: text}

    return Change(name, apply)


START: Files = {
    "Pulumi.yaml": "name: acme\nruntime: python\nmain: programs/\n",
    TEST_FILE: STACK_FILE.format(region="us-east-1"),
    "Pulumi.prod.yaml": STACK_FILE.format(region="us-east-1"),
    SPEC_FILE: SPEC,
}
SCALED = "replicas=per_stage(test=1, prod=Autoscale(min=4, max=12, target=InvocationsPerInstance(600))),"
HISTORY = (
    _edit("01-resize", ('prod="ml.m5.xlarge"', 'prod="ml.c5.2xlarge"')),
    _edit(
        "02-add-a-canary",
        (SCALED, f"{SCALED}\n            update=per_stage(prod=Canary(percent=50, watched_for='20m')),"),
        ("    BatchInference,\n    Env", "    BatchInference,\n    Canary,\n    Env"),
    ),
    _edit(
        "03-retarget",
        (
            'on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.c5.2xlarge")),',
            "on=per_stage(\n                test=SageMakerServerless(memory='4GB', concurrency=5),\n"
            '                prod=SageMaker(instance="ml.c5.2xlarge"),\n            ),',
        ),
        ("    SageMaker,\n", "    SageMaker,\n    SageMakerServerless,\n"),
        ("replicas=per_stage(test=1, prod=", "replicas=per_stage(default=1, prod="),
    ),
    _edit("04-drop-scaling", ("prod=Autoscale(min=4, max=12, target=InvocationsPerInstance(600))", "prod=3")),
    _edit("05-rename-with-formerly", ('name="scorer",', 'name="card-scorer",\n            formerly="scorer",')),
    _edit("06-rename-without-formerly", ('name="rescore",', 'name="ledger-scores",')),
    _edit("07-delete", ('        Notebook(name="explore", instance="ml.t3.medium", stop_when_idle="1h"),\n', "")),
    _edit(
        "08-spot",
        ("purchase=OnDemand(),", 'purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"),'),
        ("    OnDemand,\n", ""),
        ("    XGBoost,\n", "    Spot,\n    XGBoost,\n"),
    ),
    Change("09-another-region", lambda files: {**files, TEST_FILE: STACK_FILE.format(region="eu-west-1")}),
    _edit("10-another-schedule", ("cron(0 3 * * ? *)", "cron(30 1 * * ? *)")),
    Change("11-another-environment", lambda files: {**files, CHURN_FILE: CHURN}),
)


def states() -> list[tuple[str, Files, Files]]:
    """Give each change by name with the files before and after it."""
    found, files = [], START
    for change in HISTORY:
        after = change.apply(files)
        found.append((change.name, files, after))
        files = after
    return found
