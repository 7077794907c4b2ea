"""Climate scenarios: thousands of small runs in a queue, and a training that several machines share.

AWS Batch is for what can wait: jobs stand in a queue until machines are there, and the machines go when nothing waits.
Here a month's scenarios are one array job on Spot capacity, whose parts are run again when AWS takes their machine
back; the emulator is trained on two GPU machines that talk to each other, which Spot machines may not.
"""

from mlstage import Batch, Environment, OnDemand, Processing, Runs, Spot, Training, per_stage

REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"

environment = Environment(
    name="climate-runs",
    owner="earth-ml",
    workloads=[
        Processing(
            name="scenarios",
            image=f"{REGISTRY}/scenarios:2026.10",
            # Each part takes its share of the prefix, by its number in AWS_BATCH_JOB_ARRAY_INDEX.
            inputs={"forcing": "s3://acme-ml-data/climate/forcing/"},
            outputs={"fields": "s3://acme-ml-data/climate/fields/"},
            # Whatever of the three AWS has most of: they are alike, and a wide choice is interrupted less often.
            on=Batch(instance="c6i.2xlarge", fallbacks=["c5.2xlarge", "m6i.2xlarge"]),
            replicas=per_stage(test=2, prod=200),
            purchase=per_stage(test=OnDemand(), prod=Spot()),
            max_runtime="6h",
            retries=4,
            schedule=per_stage(prod="cron(0 2 1 * ? *)"),
            on_failure=per_stage(prod="earth-ml@acme.example"),
            expects=Runs(duration="90m"),
        ),
        Training(
            name="emulator",
            image=f"{REGISTRY}/emulator-train:1.3",
            inputs={"fields": "s3://acme-ml-data/climate/fields/"},
            output="s3://acme-ml-models/climate/",
            on=per_stage(
                test=Batch(cpu=4, memory="16GB"), prod=Batch(instance="g5.12xlarge", fallbacks=["g5.24xlarge"])
            ),
            # In production two machines train one model; Batch tells each its number and the address of the first.
            replicas=per_stage(test=1, prod=2),
            max_runtime="12h",
        ),
    ],
)
