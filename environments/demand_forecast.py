"""Weekly demand forecasts: features, a search for hyper-parameters once a month, and the forecasts themselves.

Each is a SageMaker Pipeline of one step, started on its schedule or by hand
(`aws sagemaker start-pipeline-execution --pipeline-name demand-forecast-prod-features`). What AWS lets down, such as
missing capacity, is tried again; when a run has failed for good, the team gets a message.
"""

from mlstage import (
    BatchInference,
    Choice,
    Continuous,
    Environment,
    Model,
    Processing,
    SageMaker,
    SKLearn,
    Spot,
    Training,
    Tuning,
    Whole,
    XGBoost,
    per_stage,
)

team = per_stage(prod="supply-ml@acme.example")

environment = Environment(
    name="demand-forecast",
    owner="supply-ml",
    workloads=[
        Processing(
            name="features",
            image=SKLearn("1.2-1"),
            command=["python3", "/opt/ml/processing/input/code/features.py"],
            arguments=["--weeks", "104"],
            # Two machines: each gets half of the objects below each prefix.
            inputs={"code": "s3://acme-ml-code/demand/", "sales": "s3://acme-warehouse/sales/"},
            outputs={"features": "s3://acme-ml-data/demand/features/"},
            on=SageMaker(instance="ml.m5.2xlarge", volume="100GB"),
            replicas=per_stage(test=1, prod=2),
            max_runtime="3h",
            schedule=per_stage(prod="cron(0 2 ? * MON *)"),
            on_failure=team,
        ),
        Training(
            name="search",
            image=XGBoost("1.7-1"),
            # A script on AWS's XGBoost image; without it, the image's own algorithm would run.
            code="s3://acme-ml-code/demand/train.tar.gz",
            entry_point="train.py",
            inputs={"train": "s3://acme-ml-data/demand/features/train/"},
            output="s3://acme-ml-models/demand/",
            hyperparameters={"num_round": "400"},
            tune=Tuning(
                objective="validation:wape",
                goal="Minimize",
                ranges={
                    "eta": Continuous(min=0.01, max=0.3, scale="Logarithmic"),
                    "max_depth": Whole(min=4, max=10),
                    "booster": Choice(of=["gbtree", "dart"]),
                },
                # A Bayesian search learns from jobs that have ended: few at once, or it is a random one.
                jobs=24,
                parallel=3,
            ),
            metrics={"validation:wape": r"validation-wape:([0-9.]+)"},
            on=SageMaker(instance="ml.c5.2xlarge"),
            purchase=Spot(checkpoint="s3://acme-ml-checkpoints/demand/"),
            max_runtime="1h",
            schedule=per_stage(prod="cron(0 6 1 * ? *)"),
            on_failure=team,
        ),
        BatchInference(
            name="forecast",
            model=Model(image=XGBoost("1.7-1"), artifact="s3://acme-ml-models/demand/current/model.tar.gz"),
            input="s3://acme-ml-data/demand/features/next/",
            output="s3://acme-warehouse/forecasts/",
            on=SageMaker(instance="ml.m5.xlarge"),
            # Lines go out by the megabyte, four requests at once; payload times concurrency is 100 MB at most.
            strategy="MultiRecord",
            payload=6,
            concurrency=4,
            # Each forecast stands behind its own article: the first column is kept out of the model, and in the output.
            join_input=True,
            input_filter="$[1:]",
            output_filter="$[0,-1]",
            schedule=per_stage(prod="cron(0 5 ? * MON *)"),
            on_failure=team,
        ),
    ],
)
