"""Support tickets, sorted as they come in and once a night: the same two workloads on any target, by one word.

`on=Ecs(…)` below may become `on=SageMaker(instance="ml.m5.large")`, `on=Lambda(memory="4GB")` or
`on=Eks(cpu=2, memory="8GB")`, and nothing else in this file changes. What a target cannot do it refuses, with the line
to write instead: `mlstage targets` shows all of it.
"""

from mlstage import (
    Autoscale,
    BatchInference,
    CpuUtilization,
    Ecs,
    Environment,
    Model,
    RealtimeEndpoint,
    Watch,
    per_stage,
)

# The image answers GET /ping and POST /invocations on port 8080: SageMaker's contract, which works everywhere. For
# Lambda it has the Lambda Web Adapter in it. The model is small and lies in the image.
model = Model(image="123456789012.dkr.ecr.us-east-1.amazonaws.com/ticket-sorter:2.3.0", size="1GB")

environment = Environment(
    name="retarget",
    owner="support-ml",
    watch=per_stage(prod=Watch("support-ml@acme.example")),
    workloads=[
        RealtimeEndpoint(
            name="sorter",
            model=model,
            on=Ecs(cpu=2, memory="8GB"),
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=6, target=CpuUtilization(60))),
        ),
        BatchInference(
            name="nightly",
            model=model,
            input="s3://acme-ml-data/tickets/today/",
            output="s3://acme-ml-data/tickets/sorted/",
            on=Ecs(cpu=2, memory="8GB"),
            schedule=per_stage(prod="cron(0 2 * * ? *)"),
        ),
    ],
)
