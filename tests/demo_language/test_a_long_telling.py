"""A telling can last longer than a token: the machine client asks for another one in time, and only then."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pytest

from demo import http
from demo.http import Machine


class House(BaseHTTPRequestHandler):
    """Gives numbered tokens for fifteen minutes, and says who asked with which."""

    given = 0

    def do_POST(self) -> None:
        House.given += 1
        self.answer(f'{{"access_token": "token-{House.given}", "expires_in": 900}}')

    def do_GET(self) -> None:
        self.answer(f'{{"with": "{self.headers["Authorization"]}"}}')

    def answer(self, text: str) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def house() -> Iterator[str]:
    House.given = 0
    server = HTTPServer(("127.0.0.1", 0), House)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_token_is_asked_for_again_shortly_before_it_ends_and_not_sooner(
    house: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(http, "time", SimpleNamespace(monotonic=lambda: now[0]))
    machine = Machine(house, "ward", "secret")
    seen = []
    for after in (0.0, 830.0, 850.0, 900.0):
        now[0] = 1000.0 + after
        seen.append(machine.get("/who")["with"])
    assert seen == ["Bearer token-1", "Bearer token-1", "Bearer token-2", "Bearer token-2"]
