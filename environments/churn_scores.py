"""Churn scores for forty countries, each with a model of its own that is small and rarely asked.

One endpoint per model would be forty machines that idle. A multi-model endpoint has one fleet and an S3 prefix: the
caller names an archive (`TargetModel="de.tar.gz"`), which is loaded on its first request and dropped when memory is
short. A new country is a new object in S3; nothing is deployed.

On a GPU this needs Triton, which AWS's XGBoost image is not: these models want none.
"""

from mlstage import (
    Autoscale,
    CpuUtilization,
    DataCapture,
    Environment,
    Model,
    RealtimeEndpoint,
    SageMaker,
    ScheduledAction,
    XGBoost,
    per_stage,
)

environment = Environment(
    name="churn-scores",
    owner="crm-ml",
    workloads=[
        RealtimeEndpoint(
            name="scores",
            model=Model(image=XGBoost("1.7-1")),
            models="s3://acme-ml-models/churn/current/",
            on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.m5.2xlarge")),
            replicas=per_stage(
                test=1,
                prod=Autoscale(
                    min=2,
                    max=6,
                    # How many requests an instance bears depends on whose models it holds; its CPU says it for all.
                    target=CpuUtilization(60),
                    # The call centres work by day. A pair of actions: the bounds hold until the next one moves them.
                    schedule=[
                        ScheduledAction("cron(0 7 ? * MON-FRI *)", min=3, max=6, timezone="Europe/Berlin"),
                        ScheduledAction("cron(0 20 ? * MON-FRI *)", min=2, max=3, timezone="Europe/Berlin"),
                    ],
                ),
            ),
            capture=per_stage(prod=DataCapture(to="s3://acme-ml-data/churn/captured/", percent=20)),
        ),
    ],
)
