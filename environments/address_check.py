"""Addresses, checked while a customer types: a small model in a Lambda function, kept warm by day.

A function costs nothing at night, and its first call after a pause takes seconds: too long for somebody who types. So
production keeps a few places warm, more of them while shops are open; test starts cold, which is cheaper and shows that
a cold start works.
"""

from mlstage import (
    AsyncEndpoint,
    Autoscale,
    Environment,
    Lambda,
    Model,
    ProvisionedConcurrencyUtilization,
    RealtimeEndpoint,
    ScheduledAction,
    Traffic,
    Watch,
    per_stage,
)

# Built for Graviton, which is a fifth cheaper; the Lambda Web Adapter in the image passes requests on to port 8080.
model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/address-check:1.9.2", size="400MB", architecture="arm64"
)

environment = Environment(
    name="address-check",
    owner="checkout",
    watch=per_stage(prod=Watch("checkout@acme.example")),
    workloads=[
        RealtimeEndpoint(
            name="check",
            model=model,
            on=Lambda(
                memory="1769MB",  # one whole vCPU
                timeout="10s",
                provisioned=per_stage(
                    prod=Autoscale(
                        min=2,
                        max=20,
                        target=ProvisionedConcurrencyUtilization(70),
                        schedule=[
                            ScheduledAction("cron(30 7 * * ? *)", min=5, max=20, timezone="Europe/Berlin"),
                            ScheduledAction("cron(0 22 * * ? *)", min=2, max=20, timezone="Europe/Berlin"),
                        ],
                    ),
                ),
                concurrency=per_stage(prod=100),
            ),
            p95_latency="150ms",
            expects=per_stage(prod=Traffic(requests_per_month=9_000_000, duration_ms=45)),
        ),
        AsyncEndpoint(
            name="corrections",
            model=model,
            # Addresses that did not fit are looked at again in peace. What fails three times waits in a queue of its
            # own for somebody to look at, and an alarm says that it is there.
            on=Lambda(memory="1769MB", timeout="2m"),
            output="s3://acme-ml-data/addresses/corrections/",
        ),
    ],
)
