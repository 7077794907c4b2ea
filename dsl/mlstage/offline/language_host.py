"""A Python language host for a Pulumi engine built from its Go modules, where the one of the release is not at hand.

Pulumi's engine starts it as `pulumi-language-python ENGINE_ADDRESS`, reads a port from its first line, and asks it over
gRPC to run programs and policy packs.
"""

# ruff: noqa: ARG002 - gRPC fixes the arguments of every method
from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any, Final

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict
from pulumi.runtime.proto import engine_pb2, engine_pb2_grpc, language_pb2, language_pb2_grpc, plugin_pb2

# Pulumi's start script ends with this code once it has told the user what went wrong.
_USER_HAS_BEEN_TOLD: Final = 32


class LanguageHost(language_pb2_grpc.LanguageRuntimeServicer):
    """Answers the engine. Children are ended with the host."""

    def __init__(self, engine_address: str, start_script: Path) -> None:
        self.engine_address = engine_address
        self.start_script = start_script
        self.children: set[subprocess.Popen[bytes]] = set()

    def Handshake(self, request: language_pb2.LanguageHandshakeRequest, context: grpc.ServicerContext) -> Any:
        self.engine_address = request.engine_address or self.engine_address
        return language_pb2.LanguageHandshakeResponse()

    def GetPluginInfo(self, request: Empty, context: grpc.ServicerContext) -> Any:
        from mlstage._version import __version__

        return plugin_pb2.PluginInfo(version=__version__)

    def GetRequiredPackages(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.GetRequiredPackagesResponse()

    def GetRequiredPlugins(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.GetRequiredPluginsResponse()

    def GetProgramDependencies(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.GetProgramDependenciesResponse()

    def RuntimeOptionsPrompts(self, request: Any, context: grpc.ServicerContext) -> Any:
        return language_pb2.RuntimeOptionsResponse()

    def About(self, request: language_pb2.AboutRequest, context: grpc.ServicerContext) -> Any:
        version = ".".join(map(str, sys.version_info[:3]))
        return language_pb2.AboutResponse(executable=sys.executable, version=version)

    def InstallDependencies(self, request: Any, context: grpc.ServicerContext) -> Iterator[Any]:
        return iter(())

    def Cancel(self, request: Empty, context: grpc.ServicerContext) -> Empty:
        self.stop_children()
        return Empty()

    def Run(self, request: language_pb2.RunRequest, context: grpc.ServicerContext) -> Any:
        python, environ = self._interpreter(request.info)
        environ["PULUMI_CONFIG"] = json.dumps(dict(request.config))
        environ["PULUMI_CONFIG_SECRET_KEYS"] = json.dumps(list(request.configSecretKeys))
        arguments = {
            "monitor": request.monitor_address,
            "engine": self.engine_address,
            "project": request.project,
            "stack": request.stack,
            "pwd": request.pwd,
            "dry_run": "true" if request.dryRun else "false",
            "parallel": str(request.parallel),
            "root_directory": request.info.root_directory,
            "organization": request.organization,
        }
        command = [python, "-u", str(self.start_script)]
        for name, value in arguments.items():
            if value:
                command += [f"--{name}", value]
        program = Path(request.info.program_directory) / (request.info.entry_point or ".")
        # The engine shows what the host writes, so the program writes there too.
        code = self._wait(subprocess.Popen([*command, str(program), *request.args], env=environ), context)
        if code == 0:
            return language_pb2.RunResponse()
        if code == _USER_HAS_BEEN_TOLD:
            return language_pb2.RunResponse(bail=True)
        return language_pb2.RunResponse(error=f"the program ended with exit code {code}")

    def RunPlugin(self, request: language_pb2.RunPluginRequest, context: grpc.ServicerContext) -> Iterator[Any]:
        python, environ = self._interpreter(request.info)
        environ.update(dict(entry.split("=", 1) for entry in request.env if "=" in entry))
        program = request.info.program_directory
        if request.kind == "analyzer":
            # A policy pack reads its files relative to its own folder.
            command = [python, "-u", "-m", "pulumi.policy", *request.args, program]
            folder = program
        else:
            command = [python, "-u", program, *request.args]
            folder = request.pwd or program
        pipe = subprocess.PIPE
        child = subprocess.Popen(command, cwd=folder, env=environ, stdout=pipe, stderr=pipe)
        context.add_callback(child.terminate)  # the engine ends a plugin by ending this call
        yield from _output_of(child)
        yield language_pb2.RunPluginResponse(exitcode=self._wait(child, context))

    def stop_children(self) -> None:
        """End what is still running."""
        for child in list(self.children):
            child.terminate()

    def _wait(self, child: subprocess.Popen[bytes], context: grpc.ServicerContext) -> int:
        self.children.add(child)
        context.add_callback(child.terminate)
        try:
            return child.wait()
        finally:
            self.children.discard(child)

    def _interpreter(self, info: language_pb2.ProgramInfo) -> tuple[str, dict[str, str]]:
        environ = dict(os.environ)
        named = MessageToDict(info.options).get("virtualenv")
        if not named:
            return sys.executable, environ
        folder = Path(info.root_directory) / str(named)
        for python in (folder / "bin" / "python", folder / "Scripts" / "python.exe"):
            if python.exists():
                environ["VIRTUAL_ENV"] = str(folder)
                environ["PATH"] = os.pathsep.join((str(python.parent), environ.get("PATH", "")))
                return str(python), environ
        self._warn(f"the virtual environment {folder} of the runtime's options does not exist; using {sys.executable}")
        return sys.executable, environ

    def _warn(self, message: str) -> None:
        with grpc.insecure_channel(self.engine_address) as channel:
            request = engine_pb2.LogRequest(severity=engine_pb2.WARNING, message=message)
            engine_pb2_grpc.EngineStub(channel).Log(request)


def _output_of(child: subprocess.Popen[bytes]) -> Iterator[language_pb2.RunPluginResponse]:
    lines: queue.Queue[Mapping[str, bytes] | None] = queue.Queue()

    def read(stream: IO[bytes], name: str) -> None:
        for line in stream:
            lines.put({name: line})
        lines.put(None)

    for stream, name in ((child.stdout, "stdout"), (child.stderr, "stderr")):
        assert stream is not None
        threading.Thread(target=read, args=(stream, name), daemon=True).start()
    open_streams = 2
    while open_streams:
        line = lines.get()
        if line is None:
            open_streams -= 1
        elif "stdout" in line:
            yield language_pb2.RunPluginResponse(stdout=line["stdout"])
        else:
            yield language_pb2.RunPluginResponse(stderr=line["stderr"])
