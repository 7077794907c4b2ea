"""`mlstage prices`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from mlstage.cli.options import check_region, project_root, today
from mlstage.cli.reports import report_format_option, show_report

if TYPE_CHECKING:
    from mlstage.catalog.prices import Price
    from mlstage.catalog.refresh.api import Api
    from mlstage.catalog.refresh.bulk import Bulk
    from mlstage.catalog.refresh.queries import Key
    from mlstage.insight.cost import Table

_region_option = click.option("--region", default="us-east-1", show_default=True, metavar="NAME")


@click.group("prices", context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Show the prices that costs rest on, and read today's from AWS."""


@command.command("show")
@click.argument("names", nargs=-1, required=True, metavar="TYPE...")
@_region_option
@report_format_option
def show(names: Sequence[str], region: str, style: str) -> None:
    """Show what instance types cost: for each use, with its basis, its date and its source.

    Also takes the other things that have a price, by the name that `mlstage cost --format json` gives them.

    \b
    mlstage prices show ml.m5.xlarge
    mlstage prices show ml.g5.xlarge ml.inf2.xlarge --region eu-west-1
    mlstage prices show nat-gateway serverless-2048
    """
    from mlstage.insight.cost import pricelist

    table = _table_here()
    for name in names:
        if not pricelist.known(name):
            raise click.UsageError(_unknown(name))
    check_region(region)
    show_report(
        style,
        lambda: pricelist.blocks(names, region, today(), table),
        lambda: pricelist.as_data(names, region, today(), table),
    )


@command.command("refresh")
@click.argument("names", nargs=-1, metavar="[TYPE]...")
@click.option(
    "--region", metavar="NAME", help="Of the types named; without types, the regions of the project's stacks."
)
@click.option("--bulk", "base", metavar="URL", is_flag=False, flag_value="", help="Read AWS's published files instead.")
@click.option("--partial", is_flag=True, help="Write what could be read, even if something could not.")
def refresh(names: Sequence[str], region: str | None, base: str | None, partial: bool) -> None:
    """Read today's prices from AWS into `prices.tsv`, whose prices go before those that mlstage came with.

    Without TYPE, all prices that the project's own environments rest on. The Price List API needs credentials with
    `pricing:GetProducts`; `--bulk` reads the files that AWS publishes, which need none, are large, and also have the
    rates of SageMaker Savings Plans. Anything but exactly one match for a price is an error, and nothing is written.

    \b
    mlstage prices refresh
    mlstage prices refresh ml.m5.xlarge --region eu-west-1
    mlstage prices refresh --bulk
    """
    from mlstage.catalog import refreshed
    from mlstage.cli.cost_command import refreshed as current

    root = project_root()
    keys = sorted(_named(names, region or "us-east-1") if names else _asked(root))
    source = _source(base)
    found, failed = _read(keys, source)
    for problem in failed:
        click.echo(f"not read: {problem}", err=True)
    if failed and not partial:
        click.echo("Nothing was written; --partial writes what could be read.", err=True)
        raise click.exceptions.Exit(1)
    before = current(root)
    table = before if isinstance(before, refreshed.Refreshed) else refreshed.Refreshed()
    (root / refreshed.FILE).write_text(table.with_prices(found).dump(), encoding="utf-8", newline="\n")
    click.echo(f"{refreshed.FILE}: {len(found)} prices read", err=True)
    raise click.exceptions.Exit(1 if failed else 0)


def _asked(root: Path) -> Iterator[Key]:
    """Yield the prices that the project's environments are reckoned with, known or not."""
    from mlstage.catalog.refresh.queries import query
    from mlstage.insight.cost import PriceBook, estimate
    from mlstage.project import study

    seen: set[Key] = set()
    for one in study(root).stacks:
        book = PriceBook(one.graph.region)
        estimate(one.graph, book=book)
        seen |= book.asked
    for key in seen:
        if query(key) is not None or "/SavingsPlan-" in key[3]:
            yield key


def _named(names: Sequence[str], region: str) -> Iterator[Key]:
    from mlstage.catalog.instances import instance
    from mlstage.catalog.prices import COMPONENTS

    check_region(region)
    for name in names:
        machine = instance(name)
        if machine is None:
            raise click.UsageError(_unknown(name))
        if not name.startswith("ml."):
            yield ("AmazonEC2", name, region, "OnDemand")
        for component, use in COMPONENTS.items():
            if use in machine.uses:
                yield ("AmazonSageMaker", name, region, component)


def _source(base: str | None) -> Api | Bulk:
    from mlstage.catalog.refresh.bulk import BASE, Bulk
    from mlstage.offline.errors import ToolMissing

    if base is not None:
        return Bulk(base or BASE)
    from mlstage.catalog.refresh import api

    try:
        return api.Api(api.client())
    except ModuleNotFoundError as error:
        what = "the Price List API is read with boto3, which is not installed"
        raise ToolMissing(what, "pip install 'mlstage[aws]', or mlstage prices refresh --bulk") from error


def _read(keys: Sequence[Key], source: Api | Bulk) -> tuple[list[Price], list[str]]:
    from mlstage.catalog.refresh.bulk import Bulk
    from mlstage.catalog.refresh.queries import CredentialsMissingError, RefreshError, query
    from mlstage.offline.errors import ToolMissing

    found: list[Price] = []
    failed: list[str] = []
    for key in _told(keys):
        try:
            component, _, term = key[3].partition("/SavingsPlan-")
            if term:
                if isinstance(source, Bulk):
                    found.append(source.savings((*key[:3], component), term))
                continue
            asked = query(key)
            if asked is None:
                raise RefreshError(f"{key[1]} ({key[3]}): mlstage does not know how AWS calls it")
            found += source.prices(asked)
        except CredentialsMissingError as error:
            instead = "sign in (`aws configure`, AWS_PROFILE), or mlstage prices refresh --bulk, which needs none"
            raise ToolMissing("the Price List API asks for AWS credentials, and there are none", instead) from error
        except RefreshError as error:
            failed.append(str(error))
    return found, failed


def _told(keys: Sequence[Key]) -> Iterator[Key]:
    """Yield keys with a bar of how far it is."""
    from mlstage.cli.progress import progress

    with progress("reading prices") as told:
        for done, key in enumerate(keys):
            told(done, len(keys))
            yield key
        told(len(keys), len(keys))


def _table_here() -> Table | None:
    """Give the prices of the project that the command was called in, if it was called in one."""
    from mlstage.cli.cost_command import refreshed
    from mlstage.project import ProjectError

    try:
        return refreshed(project_root())
    except ProjectError:
        return None


def _unknown(name: str) -> str:
    from mlstage.catalog.similar import nearest

    close = nearest(name)
    hint = f" Did you mean {' or '.join(close)}?" if close else ""
    return f"There is no instance type, and nothing else with a price, called {name!r}.{hint}"
