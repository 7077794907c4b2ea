"""`python -m mlstage.offline`: get Pulumi ready, or print the environment in which it runs without AWS."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from pathlib import Path

from mlstage.offline.errors import OfflineError, ToolMissing, not_writable
from mlstage.offline.progress import Progress


def main(arguments: list[str] | None = None) -> int:
    """Run one command; its exit code is that of `mlstage` itself."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments[:1] == ["pulumi"]:
            return _pulumi(arguments[1:])
        options = _parser().parse_args(arguments)
        return _setup(yaml=options.yaml) if options.command == "setup" else _env(options.shell, options.project)
    except ToolMissing as error:
        print(f"mlstage: {error}", file=sys.stderr)
        return 3
    except (OfflineError, OSError) as error:
        known = error if isinstance(error, OfflineError) else not_writable(error)
        print(f"mlstage: {known}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("mlstage: stopped; what was unfinished is put away", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mlstage.offline", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    setup = commands.add_parser("setup", help="find Pulumi, or download or build it, and check that it runs")
    setup.add_argument("--yaml", action="store_true", help="and what runs programs in YAML, where Pulumi lacks it")
    env = commands.add_parser("env", help='print shell lines: eval "$(python -m mlstage.offline env)"')
    env.add_argument("--shell", choices=("sh", "fish"), default="sh")
    env.add_argument("--project", type=Path, default=Path(), help="a folder of the project (default: this one)")
    commands.add_parser("pulumi", help="run the real pulumi without AWS: what `pulumi` does in such a shell")
    return parser


def _setup(*, yaml: bool) -> int:
    from mlstage.offline.engine import find_engine
    from mlstage.offline.launchers import offline_launchers
    from mlstage.offline.yaml_language import find_yaml

    require_python_side()
    engine = find_engine()
    offline_launchers()
    if yaml:
        find_yaml(engine)
    Progress().say(f"Pulumi {engine.version} works ({engine.pulumi})")
    return 0


def _env(shell: str, folder: Path) -> int:
    from mlstage.offline.engine import find_engine
    from mlstage.offline.environment import offline_variables
    from mlstage.offline.project import find_project

    require_python_side()
    project = find_project(folder)
    for name, value in offline_variables(project, find_engine(), os.environ).items():
        print(f"set -gx {name} {_fish(value)};" if shell == "fish" else f"export {name}={shlex.quote(value)}")
    return 0


def _pulumi(arguments: list[str]) -> int:
    from mlstage.offline.run import prepare

    command, environ = prepare(arguments, Path.cwd(), True, None, Progress())
    sys.stdout.flush()
    os.execve(command[0], command, environ)


def require_python_side() -> None:
    """Raise `ToolMissing` unless this interpreter has the packages that Pulumi's Python programs need."""
    import importlib.util

    missing = [name for name in ("pulumi", "pulumi_aws") if importlib.util.find_spec(name) is None]
    if missing:
        raise ToolMissing(
            f"{sys.executable} has no {' and no '.join(missing)}",
            "install Pulumi's Python packages beside mlstage: pip install 'mlstage[pulumi]'",
        )


def _fish(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


if __name__ == "__main__":
    sys.exit(main())
