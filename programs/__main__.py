"""Run this stack's programs: one for each environment that comes up in it.

Written by `mlstage compile`, the same in every project; it needs Pulumi only. Beside a manifest.json it refuses to run
what no longer matches the specs or the stack's configuration. Without one, it runs the programs that there are.
"""

import hashlib
import json
import re
import runpy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pulumi

PROGRAMS = Path(__file__).resolve().parent
PROJECT = PROGRAMS.parent
MANIFEST = PROGRAMS / "manifest.json"


def main() -> None:
    """Check, then run; a refusal is one message, not a traceback."""
    stack = pulumi.get_stack()
    manifest = read_manifest()
    if manifest is None:
        programs = sorted(PROGRAMS.glob(f"*/{module_name(stack)}.py"))
        stacks = sorted({path.stem for path in PROGRAMS.glob("*/*.py")})
    else:
        stacks = sorted(manifest["stacks"])
        entry = manifest["stacks"].get(stack, {"programs": {}})
        programs = [PROGRAMS / program["file"] for program in entry["programs"].values()]
        if problems := [*stale(manifest, stack)] if programs else []:
            listed = "".join(f"\n  - {problem}" for problem in problems)
            raise pulumi.RunError(
                f"The programs of stack '{stack}' are out of date:{listed}\n"
                "Run `mlstage compile`, read what it changes, and try again."
            )
    if not programs:
        known = f"There are programs for {', '.join(stacks)}." if stacks else "There are no programs at all."
        raise pulumi.RunError(
            f"Stack '{stack}' was never compiled. {known}\n"
            f"Add '{stack}' to the stages of an environment and run `mlstage compile`."
        )
    for program in programs:
        runpy.run_path(str(program))


def read_manifest() -> dict[str, Any] | None:
    """Read what `mlstage compile` noted; None where the programs are kept without it."""
    try:
        manifest = json.loads(MANIFEST.read_bytes())
        if manifest["version"] != 1 or not {"stacks", "environments"} <= manifest.keys():
            raise ValueError(f"it is of version {manifest['version']}, or incomplete")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise pulumi.RunError(f"programs/{MANIFEST.name} cannot be read ({error}). Run `mlstage compile`.") from None
    return dict(manifest)


def stale(manifest: dict[str, Any], stack: str) -> Iterator[str]:
    """Say what changed since the stack's programs were compiled."""
    entry = manifest["stacks"][stack]
    if (PROGRAMS / ".mlstage-writing.json").exists():
        yield "`mlstage compile` was interrupted"
    for environment, program in entry["programs"].items():
        for source, digest in manifest["environments"][environment]["sources"].items():
            if (found := digest_of(PROJECT / source)) != digest:
                yield f"{source} has changed" if found else f"{source} is gone"
        if (found := digest_of(PROGRAMS / program["file"])) != program["sha256"]:
            what = "is not what was compiled (`--force` drops what was edited by hand)" if found else "is gone"
            yield f"programs/{program['file']} {what}"
    if (region := pulumi.Config("aws").get("region")) != entry["region"]:
        yield f"aws:region is {region or 'not set'}, and the programs are for {entry['region']}"
    if digest_of_overrides() != entry["overrides"]:
        yield f"mlstage:overrides in Pulumi.{stack}.yaml has changed"


def digest_of(path: Path) -> str:
    """Digest a file, whatever its line ends; empty if there is none."""
    try:
        return hashlib.sha256(path.read_bytes().replace(b"\r\n", b"\n")).hexdigest()
    except OSError:
        return ""


def digest_of_overrides() -> str:
    """Digest the stack's overrides as canonical JSON."""
    try:
        overrides = pulumi.Config("mlstage").get_object("overrides")
    except pulumi.ConfigTypeError:
        return "not JSON"
    canonical = json.dumps(plain(overrides or {}), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def plain(value: Any) -> Any:
    """Write 2.0 as 2, as YAML and JSON readers disagree about it."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def module_name(name: str) -> str:
    """Give the module that stands for a stack."""
    cleaned = re.sub(r"[^0-9A-Za-z_]", "_", name)
    return f"_{cleaned}" if not cleaned or cleaned[0].isdigit() else cleaned


if __name__ == "__main__":
    main()
