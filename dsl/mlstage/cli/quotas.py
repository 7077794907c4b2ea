"""Quotas at the command line: those that stacks need, and what the account in use has of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from mlstage.diagnostics import Diagnostic

if TYPE_CHECKING:
    from mlstage.catalog.refresh.quotas import Account
    from mlstage.graph import Graph


def quota_lines(graphs: Iterable[Graph]) -> Iterator[str]:
    """Tell which quotas of accelerated machines stacks need: in new accounts they are 0."""
    from mlstage.insight.quotas import Need, is_accelerated, needs

    def told(need: Need) -> str:
        updating = f" ({need.updating:g} during an update)" if need.updating > need.steady else ""
        return f"{need.steady:g} of {need.quota!r}{updating}"

    for graph in graphs:
        if found := [told(need) for need in needs(graph) if is_accelerated(need)]:
            yield f"{graph.environment}/{graph.stack} needs quotas in {graph.region}: {', '.join(found)}"


def live_problems(graphs: Iterable[Graph]) -> tuple[Diagnostic, ...]:
    """Hold what stacks need against the quotas of the account that the shell's credentials belong to.

    Raises `ToolMissing` without boto3, without credentials, and where AWS refuses to tell.
    """
    from mlstage.catalog.refresh.queries import CredentialsMissingError, RefreshError
    from mlstage.insight.quota_check import quota_problems
    from mlstage.offline.errors import ToolMissing

    accounts: dict[str, Account] = {}
    found: list[Diagnostic] = []
    try:
        for graph in graphs:
            if graph.region not in accounts:
                accounts[graph.region] = _account(graph.region)
            found += quota_problems(graph, accounts[graph.region])
    except CredentialsMissingError as error:
        what = "AWS asks for credentials before it tells an account's quotas, and there are none"
        raise ToolMissing(what, "sign in (`aws configure`, AWS_PROFILE), or leave --live away") from error
    except RefreshError as error:
        instead = "an identity that may do servicequotas:List*, or leave --live away"
        raise ToolMissing(str(error), instead) from error
    return tuple(found)


def _account(region: str) -> Account:
    from mlstage.catalog.refresh import quotas
    from mlstage.offline.errors import ToolMissing

    try:
        return quotas.account(region)
    except ModuleNotFoundError as error:
        what = "quotas are read with boto3, which is not installed"
        raise ToolMissing(what, "pip install 'mlstage[aws]', or leave --live away") from error
