"""What the repository's own environments leave out: the same scorer and the same jobs on ECS and on Lambda."""

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    BacklogPerInstance,
    BatchInference,
    CpuUtilization,
    Ecs,
    Environment,
    Lambda,
    Model,
    OwnNetwork,
    Processing,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    Spot,
    Stage,
    Training,
    Watch,
    per_stage,
)

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
STAGES = {
    "test": Stage(tier="test"),
    "prod": Stage(tier="production", network=OwnNetwork(internet=True), monthly_budget=900),
}
model = Model(image=f"{ECR}/fraud:1.7", artifact="s3://acme-models/fraud/model.tar.gz", size="1GB")

ecs = Environment(
    name="on-ecs",
    owner="payments-ml",
    stages=STAGES,
    watch=per_stage(prod=Watch("payments-ml@acme.example")),
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=model,
            on=Ecs(cpu=2, memory="8GB", unpack=f"{ECR}/aws-cli:2"),
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=8, target=CpuUtilization(60))),
        ),
        AsyncEndpoint(
            name="reader",
            model=model,
            on=Ecs(instance="g5.xlarge", fallbacks=["g5.2xlarge"]),
            output="s3://acme-data/read/",
            replicas=Autoscale(min=0, max=4, target=BacklogPerInstance(5)),
        ),
        Training(
            name="training",
            image=f"{ECR}/train:4",
            inputs={"train": "s3://acme-data/train/"},
            output="s3://acme-models/fraud/",
            on=Ecs(instance="g5.xlarge"),
            purchase=Spot(checkpoint="s3://acme-checkpoints/fraud/"),
            schedule=per_stage(prod="rate(1 day)"),
        ),
        BatchInference(
            name="rescoring",
            model=model,
            input="s3://acme-data/in/",
            output="s3://acme-data/out/",
            on=Ecs(cpu=1, memory="4GB"),
            schedule=per_stage(prod="cron(0 4 1 * ? *)"),
        ),
        Processing(name="cleaning", image=f"{ECR}/clean:1", on=Ecs(cpu=1, memory="2GB"), schedule="rate(7 days)"),
    ],
)

functions = Environment(
    name="on-lambda",
    owner="payments-ml",
    stages=STAGES,
    workloads=[
        RealtimeEndpoint(
            name="scorer",
            model=model,
            on=Lambda(
                memory="4GB",
                storage="2GB",
                provisioned=per_stage(
                    test=1, prod=Autoscale(min=2, max=8, target=ProvisionedConcurrencyUtilization(70))
                ),
            ),
        ),
        RealtimeEndpoint(
            name="front",
            model=model,
            on=Lambda(memory="4GB", storage="2GB", timeout="20s", endpoint="api_gateway"),
        ),
        AsyncEndpoint(
            name="reader", model=model, on=Lambda(memory="4GB", storage="2GB"), output="s3://acme-data/read/"
        ),
        BatchInference(
            name="rescoring",
            model=model,
            input="s3://acme-data/in/",
            output="s3://acme-data/out/",
            on=Lambda(memory="4GB", storage="2GB", timeout="10m"),
            schedule=per_stage(prod="rate(1 day)"),
        ),
        Processing(
            name="cleaning",
            image=f"{ECR}/clean:1",
            on=Lambda(memory="2GB", timeout="10m"),
            max_runtime="10m",
            schedule="rate(7 days)",
        ),
    ],
)
