"""`mlstage offers`."""

from __future__ import annotations

import json

import click

from mlstage.catalog.instances import USES, Instance, Use, instance, instance_names
from mlstage.cli.tables import print_table


@click.command("offers")
@click.argument("names", nargs=-1, metavar="[TYPE]...")
@click.option("--use", type=click.Choice(USES), help="Only types that SageMaker offers for this.")
@click.option("--gpu", is_flag=True, help="Only types with NVIDIA GPUs.")
@click.option("--neuron", is_flag=True, help="Only types with Inferentia or Trainium.")
@click.option("--family", metavar="NAME", help="Only this family, such as g5.")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(names: tuple[str, ...], use: Use | None, gpu: bool, neuron: bool, family: str | None, style: str) -> None:
    """List the instance types that SageMaker offers: for which uses, with what in them.

    \b
    mlstage offers ml.g5.xlarge ml.inf2.xlarge
    mlstage offers --use hosting --gpu
    mlstage offers --family m5 --format json
    """
    found = [facts for name in names or instance_names(use) if (facts := _named(name))]
    shown = [one for one in found if _wanted(one, use, gpu, neuron, family)]
    if style == "json":
        click.echo(json.dumps([_as_json(one) for one in shown], indent=2))
        return
    if not shown:
        click.echo("no such type is offered", err=True)
        raise click.exceptions.Exit(1)
    print_table(
        ("type", "vCPU", "memory", "accelerator", "disk", "arch", "for", ""),
        [_row(one) for one in shown],
        right=(1, 2, 4),
    )
    click.echo(f"Facts: {'; '.join(dict.fromkeys(one.source for one in shown))}", err=True)


def _named(name: str) -> Instance:
    facts = instance(name)
    if facts is None:
        from mlstage.catalog.similar import nearest

        close = nearest(name)
        hint = f" Did you mean {' or '.join(close)}?" if close else ""
        raise click.UsageError(f"There is no instance type {name!r}.{hint}")
    return facts


def _wanted(one: Instance, use: Use | None, gpu: bool, neuron: bool, family: str | None) -> bool:
    return (
        (use is None or use in one.uses)
        and (not gpu or one.gpu_count > 0)
        and (not neuron or one.neuron_cores > 0)
        and (family is None or one.family == family)
    )


def _row(one: Instance) -> tuple[str, ...]:
    accelerator = one.accelerator
    chips = f"{accelerator.count} x {accelerator.name}, {accelerator.memory_gib:.4g} GiB" if accelerator else ""
    notes = [one.lifecycle.state if one.lifecycle else "", "burstable" if one.burstable else ""]
    uses = ", ".join(use for use in USES if use in one.uses) if one.uses else "nothing"
    disk = f"{one.nvme_gb} GB" if one.nvme_gb else ""
    memory = f"{one.memory_gib:g} GiB"
    return (one.name, str(one.vcpu), memory, chips, disk, one.arch, uses, ", ".join(n for n in notes if n))


def _as_json(one: Instance) -> dict[str, object]:
    accelerator = one.accelerator
    return {
        "type": one.name,
        "uses": [use for use in USES if use in one.uses],
        "vcpu": one.vcpu,
        "memory_gib": one.memory_gib,
        "architecture": one.arch,
        "burstable": one.burstable,
        "accelerator": accelerator
        and {
            "kind": accelerator.kind,
            "name": accelerator.name,
            "count": accelerator.count,
            "memory_gib": accelerator.memory_gib,
            "neuron_cores": accelerator.neuron_cores,
        },
        "nvme_gb": one.nvme_gb,
        "spot": one.spot,
        "lifecycle": one.lifecycle
        and {
            "state": one.lifecycle.state,
            "since": one.lifecycle.since,
            "successors": list(one.lifecycle.successors),
            "reason": one.lifecycle.reason,
            "source": one.lifecycle.source,
        },
        "source": one.source,
    }
