"""Card-fraud scoring: nightly training, a real-time scorer, monthly re-scoring, a team notebook."""

from mlstage import (
    Autoscale, BatchInference, Environment, InvocationsPerInstance, Model, Notebook,
    RealtimeEndpoint, SageMaker, Spot, Training, WorkingHours, per_stage,
)

model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-xgboost:1.7-1",
    artifact="s3://acme-ml-models/fraud/2026-11-01/model.tar.gz",
)

environment = Environment(
    name="fraud-detection",
    owner="payments-ml",
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=model,
            on=SageMaker(instance=per_stage(test="ml.t2.medium", prod="ml.m5.xlarge")),
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=8, target=InvocationsPerInstance(600))),
        ),
        Training(
            name="nightly-training",
            image="123456789012.dkr.ecr.us-east-1.amazonaws.com/fraud-train:4.2",
            inputs={"train": "s3://acme-ml-data/fraud/train/"},
            output="s3://acme-ml-models/fraud/",
            on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.c5.4xlarge")),
            purchase=Spot(checkpoint="s3://acme-ml-checkpoints/fraud/"),
            max_runtime="2h",
            schedule=per_stage(prod="cron(0 3 * * ? *)"),
        ),
        BatchInference(
            name="monthly-rescore",
            model=model,
            input="s3://acme-ml-data/fraud/ledger/",
            output="s3://acme-ml-data/fraud/scores/",
            on=SageMaker(instance="ml.m5.xlarge"),
            replicas=2,
            schedule=per_stage(prod="cron(0 4 1 * ? *)"),
        ),
        Notebook(
            name="explore",
            instance="ml.t3.medium",
            working_hours=WorkingHours("Mon-Fri 08:00-18:00", timezone="Europe/Berlin"),
            stop_when_idle="1h",
        ),
    ],
)
