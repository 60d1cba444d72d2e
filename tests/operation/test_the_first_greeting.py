"""The console's address is said when it can be used, and nothing is warned of on the way."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from governance.management.commands.up import answers


@pytest.fixture
def half_up() -> Iterator[Any]:
    """A web that is alive, and ready when told so."""

    class Door(BaseHTTPRequestHandler):
        ready = False

        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/healthz" or Door.ready else 503)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Door, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_web_that_is_alive_and_not_ready_is_not_announced(half_up: Any) -> None:
    door, address = half_up
    assert not answers(address)
    door.ready = True
    assert answers(address)


def test_a_web_that_is_not_there_is_not_announced() -> None:
    assert not answers("http://127.0.0.1:9")


@pytest.mark.filterwarnings("error")
def test_the_web_starts_without_a_warning_and_serves_the_theme(client: Any, db: None) -> None:
    from django.contrib.staticfiles.finders import find
    from django.core.wsgi import get_wsgi_application

    get_wsgi_application()
    name = "console/console.css"
    assert find(name)
    assert client.get(f"/static/{name}").status_code == 200
