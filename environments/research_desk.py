"""A notebook for two analysts: there during office hours, gone when nobody works.

Hours follow the clock of Berlin, summer time included. On holidays it starts as on any day and stops itself after ten
minutes in which nobody ran or saved anything, so that whoever does work on that day can.
"""

from mlstage import Environment, Notebook, WorkingHours, per_stage

environment = Environment(
    name="research-desk",
    owner="analytics",
    workloads=[
        Notebook(
            name="desk",
            instance=per_stage(test="ml.t3.medium", prod="ml.t3.large"),
            volume="50GB",
            working_hours=WorkingHours(
                "Mon-Fri 08:00-18:00",
                timezone="Europe/Berlin",
                holidays=["2026-12-25", "2026-12-26", "2027-01-01", "2027-03-26", "2027-03-29"],
            ),
            stop_when_idle="1h",
            # All that its people can reach in S3, and nothing else.
            read=["s3://acme-warehouse/sales/"],
            write=["s3://acme-analytics/desk/"],
            # Public repositories are cloned at the start. In production the notebook has no way to the internet.
            repositories=per_stage(test=["https://github.com/aws/amazon-sagemaker-examples"]),
            # To try system packages; in production root could undo what closes the notebook.
            root=per_stage(test=True, prod=False),
        ),
    ],
)
