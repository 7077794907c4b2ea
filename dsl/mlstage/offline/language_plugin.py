"""Start the language host: the main program behind `pulumi-language-python` where that is ours."""

from __future__ import annotations

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from mlstage.offline.lifetime import on_orphaned
from mlstage.offline.protocol import import_protocol_only

# Configurations of large stacks exceed gRPC's own 4 MB.
_LARGEST_MESSAGE: Final = 400 * 1024 * 1024


def main() -> None:
    """Serve until the engine ends this process."""
    start_script = Path(os.environ.get("MLSTAGE_LANGUAGE_EXEC", ""))
    if len(sys.argv) < 2 or not start_script.is_file():
        sys.exit("this is a plugin of Pulumi's engine; run `pulumi` instead")
    import_protocol_only()

    import grpc
    from pulumi.runtime.proto import language_pb2_grpc

    from mlstage.offline.language_host import LanguageHost

    host = LanguageHost(sys.argv[-1], start_script)

    def stop(*_: object) -> None:
        host.stop_children()
        os._exit(0)  # the engine ends hosts by SIGINT and shows what they write then: leave without a word

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    on_orphaned(stop)
    limits = [("grpc.max_receive_message_length", _LARGEST_MESSAGE), ("grpc.max_send_message_length", _LARGEST_MESSAGE)]
    server = grpc.server(ThreadPoolExecutor(max_workers=16), options=limits)
    language_pb2_grpc.add_LanguageRuntimeServicer_to_server(host, server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print(port, flush=True)
    server.wait_for_termination()


if __name__ == "__main__":
    main()
