"""Plans of many modules, made in one run of Terraform's and read as if each were a root module."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from mlstage.graph import by_terraform


def with_own_tags(text: str) -> str:
    """Put the tags of a root module's provider on its resources: modules that share a provider share its tags."""
    document = json.loads(text)
    common = document["provider"]["aws"].get("default_tags", {}).get("tags", {})
    for type_name, bodies in document.get("resource", {}).items():
        info = by_terraform(type_name)
        for body in bodies.values() if common and info and info.taggable else ():
            body["tags"] = {**common, **body.get("tags", {})}
    return json.dumps(document)


def parts(whole: Mapping[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Split a plan of modules into plans of root modules."""
    planned = {one["address"]: one for one in whole["planned_values"]["root_module"]["child_modules"]}
    known = (whole.get("prior_state") or {}).get("values", {}).get("root_module", {}).get("child_modules", [])
    prior = {one["address"]: one for one in known}
    for name, call in whole["configuration"]["root_module"]["module_calls"].items():
        address = f"module.{name}"
        part = {
            "format_version": whole["format_version"],
            "planned_values": {"root_module": planned.get(address, {})},
            "prior_state": {"values": {"root_module": prior.get(address, {})}},
            "resource_changes": [one for one in whole["resource_changes"] if one.get("module_address") == address],
            "configuration": {
                "root_module": call["module"],
                "provider_config": whole["configuration"]["provider_config"],
            },
        }
        yield name, json.loads(json.dumps(part).replace(f"{address}.", ""))
