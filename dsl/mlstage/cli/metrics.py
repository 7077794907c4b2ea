"""`mlstage advise` from metrics: from a file, or read from CloudWatch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mlstage.cli.options import today
from mlstage.cli.reports import show_report

if TYPE_CHECKING:
    from mlstage.graph import Graph
    from mlstage.insight.advice.metrics import Series
    from mlstage.insight.advice.wants import Wants
    from mlstage.insight.cost import Table


def judge(pairs: Sequence[tuple[Wants, Graph]], path: Path | None, days: int, table: Table | None, style: str) -> None:
    """Judge endpoints by their metrics, and print what is found."""
    from mlstage.insight.advice import metrics
    from mlstage.insight.advice.metrics_report import as_data, blocks
    from mlstage.insight.advice.wants import SERVING
    from mlstage.insight.cost import PriceBook

    serving = [(wants, graph) for wants, graph in pairs if wants.kind in SERVING]
    names = [wants.workload for wants, _ in serving]
    if len(set(names)) != len(names):
        raise click.UsageError("Metrics are of one stack: choose it with --stack.")
    series = _from_file(path, names) if path is not None else _live(serving, days)
    done, skipped = [], []
    for wants, graph in serving:
        found = metrics.judge(wants, graph, series, PriceBook(wants.region, table))
        if found is not None:
            done.append(found)
        else:
            skipped.append(f"{wants.workload}: {_why_not(wants, series)}")
    day = today()
    show_report(style, lambda: blocks(done, skipped, day), lambda: as_data(done, skipped, day))


def _why_not(wants: Wants, series: Sequence[Series]) -> str:
    from mlstage.insight.advice.metrics import judgeable, of_one

    if not judgeable(wants):
        return "it is no endpoint of SageMaker on one instance type"
    return "no metrics of it" if of_one(wants, series) else "it has variants, whose metrics are not told apart"


def _from_file(path: Path, names: Sequence[str]) -> list[Series]:
    from mlstage.insight.advice.metrics import MetricsError, read

    try:
        return read(json.loads(path.read_text(encoding="utf-8")), names)
    except (OSError, UnicodeDecodeError, ValueError) as error:
        what = str(error) if isinstance(error, MetricsError) else f"it is no JSON: {error}"
        raise click.UsageError(f"{path} cannot be used: {what}.") from error


def _live(serving: Sequence[tuple[Wants, Graph]], days: int) -> list[Series]:
    from mlstage.insight.advice.metrics import queries, read

    found: list[Series] = []
    for graph in {id(graph): graph for _, graph in serving}.values():
        names = [wants.workload for wants, other in serving if other is graph]
        asked = queries(graph, names)
        if asked:
            found += read(ask(client(graph.region), asked, days), names)
    return found


def client(region: str) -> Any:
    """Make a client of CloudWatch."""
    from mlstage.offline.errors import ToolMissing

    try:
        import boto3  # type: ignore[import-untyped]
    except ModuleNotFoundError as error:
        raise ToolMissing("--live needs boto3", "pip install 'mlstage[aws]'") from error
    return boto3.client("cloudwatch", region_name=region)


def ask(cloudwatch: Any, asked: Sequence[dict[str, Any]], days: int) -> dict[str, Any]:
    """Read metrics of the last days, page by page; AWS's own words where it refuses."""
    from datetime import UTC, datetime, timedelta

    from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

    end = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    merged: dict[str, dict[str, Any]] = {}
    try:
        pages = cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=list(asked), StartTime=end - timedelta(days=days), EndTime=end
        )
        for page in pages:
            for one in page["MetricDataResults"]:
                kept = merged.setdefault(one["Id"], {"Label": one["Label"], "Timestamps": [], "Values": []})
                kept["Timestamps"] += one["Timestamps"]
                kept["Values"] += one["Values"]
    except (BotoCoreError, ClientError) as error:
        raise click.ClickException(f"CloudWatch could not be asked: {error}") from error
    return {"MetricDataResults": list(merged.values())}
