"""What an author expects of a workload: how much it is asked, how long it runs, what its model needs.

AWS is never told any of it. Cost reckons with it, advice starts from it, and `mlstage simulate` plays it through.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from mlstage.spec.base import Many, Node, Problem
from mlstage.spec.per_stage import Staged, known
from mlstage.spec.says import Says
from mlstage.spec.text import Duration, Size, wrong

HOURS: Final = 24

# Shares of a day's requests from midnight on (UTC). Ours: the shape of a working day, and of what people do at home.
DAYS: Final[dict[str, tuple[float, ...]]] = {
    "flat": (1,) * HOURS,
    "office": (1, 1, 1, 1, 1, 2, 4, 8, 14, 18, 20, 20, 18, 20, 20, 18, 16, 12, 8, 5, 3, 2, 1, 1),
    "evening": (4, 2, 1, 1, 1, 1, 2, 4, 6, 7, 8, 9, 10, 10, 10, 11, 12, 14, 17, 20, 20, 18, 13, 8),
}

_Amount = Annotated[float, Field(gt=0, allow_inf_nan=False)]
_Requests = Annotated[_Amount, Says("a number of requests", "3_000_000")]
_Rate = Annotated[_Amount, Says("a number of requests a second", "40")]
_Milliseconds = Annotated[_Amount, Says("a number of milliseconds", "80")]
_Kilobytes = Annotated[_Amount, Says("a number of kilobytes", "4")]
_Share = Annotated[float, Field(ge=0, allow_inf_nan=False), Says("a share of the day", "1.0")]
_Whole = Annotated[int, Field(ge=1), Says("a whole number from 1", "128")]


class Traffic(Node):
    """How much an endpoint is asked: `requests_per_month`, or `requests_per_second` on average over the day.

    `duration_ms` is how long one request takes the model; what is billed by time (serverless, Lambda) costs that.
    `request_kb` and `response_kb` are its size and that of the answer. `day` is how the requests spread over a day:
    "flat", "office", "evening", or 24 shares from midnight on (UTC).
    """

    requests_per_month: Staged[_Requests | None] = None
    requests_per_second: Staged[_Rate | None] = None
    duration_ms: Staged[_Milliseconds | None] = None
    request_kb: Staged[_Kilobytes | None] = None
    response_kb: Staged[_Kilobytes | None] = None
    day: Staged[Literal["flat", "office", "evening"] | Many[_Share]] = "flat"

    def problems(self) -> Iterator[Problem]:
        month, second = known(self.requests_per_month), known(self.requests_per_second)
        if (month is None) == (second is None):
            said = "both" if month is not None else "neither"
            what = f"Traffic says {said} of requests_per_month and requests_per_second"
            yield Problem("SPEC104", "requests_per_month", what, "one of the two, such as requests_per_month=3_000_000")
        day = known(self.day)
        if not isinstance(day, str) and (len(day) != HOURS or not sum(day)):
            what = f"a day has {HOURS} hours, of which at least one is asked; `day` has {len(day)} shares"
            yield Problem("SPEC104", "day", what, 'day="office", or 24 shares from midnight on')


class Runs(Node):
    """How long a job runs each time, or a notebook is used; `per_month` says how often where no schedule does."""

    duration: Staged[Duration]
    per_month: Staged[Annotated[float, Field(ge=0, allow_inf_nan=False), Says("a number", "20")] | None] = None


_PARAMETERS: Final = re.compile(r"(\d+(?:\.\d+)?)([MB])")


def millions(parameters: str) -> float:
    """Read a number of parameters such as `110M` or `7B` as millions."""
    match = _PARAMETERS.fullmatch(parameters)
    if match is None:
        raise ValueError(f"{parameters!r} is no number of parameters")
    return float(match[1]) * (1000 if match[2] == "B" else 1)


def _parameters(text: str) -> str:
    if not _PARAMETERS.fullmatch(text) or not millions(text):
        raise wrong("SPEC104", f"{text!r} is no number of parameters", '"110M" or "7B", for example')
    return text


Parameters = Annotated[str, AfterValidator(_parameters), Says("a number of parameters", '"110M"')]
Task = Literal["encoder", "image-classification", "text-generation", "classical", "preprocessing"]
Precision = Literal["fp32", "fp16", "bf16", "int8"]


class Needs(Node):
    """What a workload's model needs of a machine: what `mlstage advise` starts from.

    `model` is an architecture such as "bert-base"; where it is not known, `task` and `parameters` say what they can.
    `precision` is the lowest that still answers well enough; without it, any will do. `sequence_length` is in tokens,
    `batch` the items of one request (or of one training step), `memory` what the loaded model takes. `items` is how
    many examples a training job sees in all its epochs, or how many rows.
    """

    model: Staged[str | None] = None
    task: Staged[Task | None] = None
    parameters: Staged[Parameters | None] = None
    precision: Staged[Precision | None] = None
    sequence_length: Staged[_Whole | None] = None
    batch: Staged[_Whole] = 1
    memory: Staged[Size | None] = None
    items: Staged[Annotated[int, Field(ge=1), Says("a whole number from 1", "300_000")] | None] = None

    def problems(self) -> Iterator[Problem]:
        if known(self.model) is None and known(self.task) is None:
            yield Problem("SPEC104", "model", "Needs says neither `model` nor `task`", 'model="bert-base", for example')
