"""Sentiment of product reviews: BERT fine-tuned on a GPU, served on Inferentia.

Fine-tuning wants a GPU: weights, gradients and the optimizer's state in its memory, and large batches, for an hour a
week. Serving is one review at a time, 128 tokens, an answer within 100 ms, all day long: at 800 requests a second two
Inferentia2 instances cost less than the GPUs that would do the same, and below some 600 they would not
(`mlstage advise environments/bert_sentiment.py` shows the figures). In test nobody waits, so a CPU has to do.
"""

from mlstage import (
    Autoscale,
    DataCapture,
    Environment,
    InvocationsPerInstance,
    Model,
    Needs,
    RealtimeEndpoint,
    Runs,
    SageMaker,
    Spot,
    Traffic,
    Training,
    per_stage,
    waive,
)

cpu_model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-cpu:2.3",
    artifact="s3://acme-ml-models/bert-sentiment/2026-11-01/cpu/model.tar.gz",
    size="440MB",
)
neuron_model = Model(
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-neuronx:2.3",
    # torch_neuronx.trace of the same weights, at sequence length 128 and batch size 1.
    artifact="s3://acme-ml-models/bert-sentiment/2026-11-01/inf2/model.tar.gz",
    compiled_for="inf2",
    size="440MB",
)

environment = Environment(
    name="bert-sentiment",
    owner="reviews-ml",
    workloads=[
        Training(
            name="fine-tuning",
            image="123456789012.dkr.ecr.us-east-1.amazonaws.com/bert-sentiment-train:2.3",
            inputs={
                "train": "s3://acme-ml-data/reviews/train/",
                "validation": "s3://acme-ml-data/reviews/validation/",
            },
            output="s3://acme-ml-models/bert-sentiment/",
            hyperparameters={"base_model": "bert-base-uncased", "max_seq_length": "128", "epochs": "3"},
            # ml.p3.2xlarge (one V100) was the usual choice; EC2 no longer offers it in us-east-1.
            on=SageMaker(instance="ml.g5.xlarge"),
            purchase=Spot(checkpoint="s3://acme-ml-checkpoints/bert-sentiment/"),
            max_runtime="6h",
            needs=Needs(model="bert-base", sequence_length=128, items=900_000),  # 300,000 reviews, three epochs
            expects=Runs(duration="80m"),
            schedule=per_stage(prod="cron(0 1 ? * SUN *)"),
            waivers=[
                waive("ML102", reason="BERT fine-tuning is tried on a GPU before it runs in prod", until="2027-01-31"),
            ],
        ),
        RealtimeEndpoint(
            name="classifier",
            model=per_stage(test=cpu_model, prod=neuron_model),
            on=SageMaker(instance=per_stage(test="ml.m5.large", prod="ml.inf2.xlarge")),
            replicas=per_stage(test=1, prod=Autoscale(min=2, max=6, target=InvocationsPerInstance(60_000))),
            capture=per_stage(prod=DataCapture(to="s3://acme-ml-data/reviews/captured/", percent=10)),
            p95_latency="100ms",
            needs=Needs(model="bert-base", sequence_length=128),
            expects=per_stage(
                prod=Traffic(requests_per_second=800, duration_ms=1, request_kb=1, response_kb=0.2, day="evening")
            ),
        ),
    ],
)
