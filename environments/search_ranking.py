"""Ranking of search results: a champion, a challenger with a tenth of the traffic, and a request kept of every twenty.

Features are computed in a container of their own, which each request passes before the model: an inference pipeline,
so that training and serving share that code. The challenger serves real visitors in production only; in test a shadow
gets a copy of the requests instead, and nobody sees its answers.
"""

from mlstage import (
    Autoscale,
    Canary,
    CpuUtilization,
    DataCapture,
    DataQuality,
    Environment,
    InvocationsPerInstance,
    Model,
    RealtimeEndpoint,
    SageMaker,
    Shadow,
    Stage,
    Step,
    Steps,
    Variant,
    Watch,
    XGBoost,
    per_stage,
)

features = Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/ranking-features:3.0")
champion = Model(image=XGBoost("1.7-1"), artifact="s3://acme-ml-models/ranking/2026-09-30/model.tar.gz")
challenger = Model(image=XGBoost("1.7-1"), artifact="s3://acme-ml-models/ranking/2026-11-10/model.tar.gz")

environment = Environment(
    name="search-ranking",
    owner="search-ml",
    stages={"test": Stage(tier="test"), "prod": Stage(tier="production", monthly_budget=2500)},
    watch=per_stage(prod=Watch("search-ml@acme.example", errors=0.5)),
    workloads=[
        RealtimeEndpoint(
            name="ranker",
            model=champion,
            preprocess=[features],
            on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.c5.2xlarge")),
            replicas=per_stage(
                test=1,
                prod=Autoscale(
                    min=4,
                    max=16,
                    target=InvocationsPerInstance(1800),
                    # Sales begin with a bang. Target tracking adds a few at a time, a step as many as it says.
                    steps=[Steps(CpuUtilization(75), steps=[Step(above=0, add=2), Step(above=15, add=6)])],
                ),
            ),
            weight=9,
            variants=per_stage(
                prod=[
                    Variant(
                        name="challenger",
                        model=challenger,
                        weight=1,
                        # Each variant has a fleet of its own, and scales by itself.
                        replicas=Autoscale(min=2, max=4, target=InvocationsPerInstance(1800)),
                    ),
                ],
            ),
            shadow=per_stage(test=Shadow(model=challenger, percent=50)),
            # A quarter of the new fleet serves for ten minutes. If an alarm rings, the old one is put back, and
            # `pulumi up` says so: to AWS an update that was taken back is one that went well.
            update=per_stage(prod=Canary(percent=25, watched_for="10m")),
            capture=per_stage(
                prod=DataCapture(
                    to="s3://acme-ml-captured/ranking/",
                    percent=5,
                    monitor=DataQuality(
                        baseline="s3://acme-ml-captured/ranking-baseline/",
                        output="s3://acme-ml-captured/ranking-reports/",
                    ),
                ),
            ),
            p95_latency="60ms",
        ),
    ],
)
