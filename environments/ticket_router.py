"""Routing of support tickets: a few requests a minute by day, none at night.

A serverless endpoint costs nothing while nobody asks and grows by itself. What it costs is the cold start: after a
quiet spell the first request waits for the container and the model. In production a few places are kept warm, more of
them while they are well used. There is no GPU, no VPC, and no request above 4 MB or 60 seconds.
"""

from mlstage import (
    Autoscale,
    Environment,
    Model,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    SageMakerServerless,
    SKLearn,
    Watch,
    per_stage,
)

environment = Environment(
    name="ticket-router",
    owner="support-ml",
    # Alarms on errors, latency and memory, and a dashboard; the address confirms once, by a link that AWS sends.
    watch=per_stage(prod=Watch("support-ml@acme.example")),
    workloads=[
        RealtimeEndpoint(
            name="router",
            model=Model(
                # AWS's own scikit-learn image: its address follows from the stack's region.
                image=SKLearn("1.2-1"),
                artifact="s3://acme-ml-models/ticket-router/2026-10-12/model.tar.gz",
                environment={"SAGEMAKER_PROGRAM": "inference.py"},
                size="180MB",
            ),
            on=per_stage(
                test=SageMakerServerless(memory="2GB", concurrency=2),
                prod=SageMakerServerless(
                    # More memory is more CPU as well: try the next size before blaming the model.
                    memory="4GB",
                    # The next request after that many at once is refused (HTTP 429), never queued.
                    concurrency=20,
                    provisioned=Autoscale(min=1, max=5, target=ProvisionedConcurrencyUtilization(70)),
                ),
            ),
            p95_latency="400ms",
        ),
    ],
)
