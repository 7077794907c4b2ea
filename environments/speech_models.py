"""Fine-tuning of a speech model on several GPUs: machines that talk to each other, and stay warm between attempts.

While a recipe is being found, jobs follow each other within minutes. A warm pool keeps the machines (and their bill)
for a while after each job, so that the next one starts in seconds. AWS has no warm pools of Spot machines: production,
which trains by night and can wait, takes Spot and a checkpoint instead.
"""

from mlstage import Environment, HuggingFace, OnDemand, SageMaker, Spot, Torchrun, Training, per_stage, waive

environment = Environment(
    name="speech-models",
    owner="voice-ml",
    workloads=[
        Training(
            name="fine-tuning",
            image=HuggingFace("4.56"),
            code="s3://acme-ml-code/speech/source.tar.gz",
            entry_point="finetune.py",
            # The base model is a channel: nothing is fetched from a hub, which an isolated container could not reach.
            inputs={"base": "s3://acme-ml-models/whisper-small/", "train": "s3://acme-ml-data/speech/train/"},
            # Objects are read as they are needed; the job does not wait for all of them to be copied.
            input_mode="FastFile",
            output="s3://acme-ml-models/speech/",
            hyperparameters={"epochs": "3", "per_device_batch_size": "16"},
            on=SageMaker(instance=per_stage(test="ml.g5.xlarge", prod="ml.g5.12xlarge")),
            replicas=per_stage(test=1, prod=2),
            distribution=Torchrun(),
            network_isolation=True,
            metrics={"validation:wer": r"'eval_wer': ([0-9.]+)"},
            purchase=per_stage(test=OnDemand(), prod=Spot(checkpoint="s3://acme-ml-checkpoints/speech/")),
            keep_warm=per_stage(test="20m"),
            max_runtime=per_stage(test="2h", prod="12h"),
            schedule=per_stage(prod="cron(0 22 ? * FRI *)"),
            on_failure=per_stage(prod="voice-ml@acme.example"),
            waivers=[
                waive("ML102", reason="The recipe is found on one small GPU first", until="2027-03-31"),
            ],
        ),
    ],
)
