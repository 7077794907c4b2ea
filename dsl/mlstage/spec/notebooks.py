"""Notebooks: the one workload that is for people."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator

from mlstage.spec.base import Many
from mlstage.spec.expectations import Runs
from mlstage.spec.per_stage import Staged
from mlstage.spec.says import Says
from mlstage.spec.targets import InstanceType
from mlstage.spec.text import S3, Duration, Size, wrong
from mlstage.spec.working_hours import WorkingHours
from mlstage.spec.workload import Workload

_REPOSITORY: Final = re.compile(r"https://[A-Za-z0-9.-]+/[\w./-]+")


def _repository(text: str) -> str:
    if not _REPOSITORY.fullmatch(text):
        what = f"{text!r} is no address of a Git repository"
        raise wrong("SPEC104", what, '"https://github.com/acme/fraud-notebooks", for example')
    return text


Repository = Annotated[
    str, AfterValidator(_repository), Says("the address of a Git repository", '"https://github.com/acme/fraud"')
]


class Notebook(Workload):
    """A notebook instance for people: stopped when idle, and outside working hours.

    `read` and `write` are the S3 prefixes that its role may reach; nothing else is open to it. `repositories` are
    cloned at the start, the first of them being where Jupyter opens. `root` lets people become root, in test only.
    """

    instance: Staged[InstanceType]
    working_hours: Staged[WorkingHours | None] = None
    stop_when_idle: Staged[Duration | None] = None
    volume: Staged[Size] = "20GB"
    read: Staged[Many[S3]] = ()
    write: Staged[Many[S3]] = ()
    repositories: Staged[Many[Repository]] = ()
    root: Staged[bool] = False
    expects: Staged[Runs | None] = None
