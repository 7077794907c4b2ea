"""moto as AWS on loopback for the real provider: a process of its own, with the few answers that moto 5.2.5 lacks.

Run as a program it prints its port and serves until its standard input ends, so that it never outlives the test.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
from functools import cache
from typing import Any, Final

# Neither an account that a spec names, nor a real one.
ACCOUNT: Final = "210987654321"


def main() -> None:
    """Serve until standard input ends."""
    os.environ.update(MOTO_ACCOUNT_ID=ACCOUNT, AWS_DEFAULT_REGION="us-east-1", MOTO_IAM_LOAD_MANAGED_POLICIES="true")
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication
    from moto.server import ThreadedMotoServer

    from tests.terraform.answers import install_all

    install_all()
    _one_at_a_time(DomainDispatcherApplication)
    # At every request moto lists its own folders to find the service, one request at a time, and a line is logged.
    of_host = cache(DomainDispatcherApplication.get_backend_for_host)
    setattr(DomainDispatcherApplication, "get_backend_for_host", of_host)  # noqa: B010 - mypy minds an assignment
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    server.stop()


def _one_at_a_time(application: type) -> None:
    """Let requests wait for each other: moto's backends are plain dictionaries and lists, which threads would spoil.

    A request that the provider sends again, because the answer did not reach it, gets that answer once more.
    """
    theirs, lock = application.__call__, threading.Lock()
    answers: dict[str, tuple[tuple[Any, ...], list[bytes]]] = {}

    def answer(self: Any, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        invocation = environ.get("HTTP_AMZ_SDK_INVOCATION_ID", "")
        with lock:
            if invocation not in answers:
                started: list[tuple[Any, ...]] = []
                body = list(theirs(self, environ, lambda *given: started.append(given)))
                if not (invocation and started[0][0].startswith("2")):
                    start_response(*started[0])
                    return body
                answers[invocation] = (started[0], body)
            head, body = answers[invocation]
        start_response(*head)
        return body

    setattr(application, "__call__", answer)  # noqa: B010 - mypy minds an assignment


if __name__ == "__main__":
    main()
