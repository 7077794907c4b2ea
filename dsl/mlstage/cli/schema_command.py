"""`mlstage schema`."""

from __future__ import annotations

import json

import click

from mlstage.cli.options import project_root


@click.command("schema")
@click.option("--language", is_flag=True, help="The schema of the whole language, from Environment down, instead.")
def command(language: bool) -> None:
    """Print the JSON Schema of this project's stack files, for editors that complete and check YAML.

    It knows the workloads of the project's specs, and which of their values `mlstage:overrides` may change.

    \b
    mlstage schema > .mlstage/stack.schema.json
    # then, as the first line of Pulumi.prod.yaml:
    # yaml-language-server: $schema=.mlstage/stack.schema.json
    """
    from mlstage.resolve.schema import language_schema, stack_file_schema

    if language:
        schema = language_schema()
    else:
        from mlstage.project.root import specs_of
        from mlstage.spec.load import load_spec

        root = project_root()
        loaded = [load_spec(path, root) for path in specs_of(root, ())]
        if problems := [one for spec in loaded for one in spec.diagnostics]:
            from mlstage.cli.output import show_problems
            from mlstage.diagnostics import exit_code

            show_problems(problems, "text")
            raise click.exceptions.Exit(exit_code(problems))
        schema = stack_file_schema(environment for spec in loaded for environment in spec.environments)
    click.echo(json.dumps(schema, indent=2, ensure_ascii=False))
