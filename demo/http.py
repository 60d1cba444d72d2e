"""People and machines as they meet the house: over HTTP, with a session or a 15-minute token."""

import time
from typing import Any

import requests

TIMEOUT_S = 60
EARLY_S = 60.0  # before a token ends another is asked for: on a busy machine a request can be long under way


class Refusal(Exception):
    """The house answered with a problem; its code and sentence are in the text."""

    def __init__(self, answer: requests.Response) -> None:
        self.status = answer.status_code
        try:
            self.problem = answer.json()
        except ValueError:
            self.problem = {"code": "", "detail": answer.text[:300]}
        super().__init__(f"{answer.request.method} {answer.request.path_url}: {self.status} {self.problem}")


class Caller:
    """Somebody who calls the API."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.session = requests.Session()

    def get(self, path: str) -> Any:
        return self.read(self.session.get(self.base + path, timeout=TIMEOUT_S))

    def get_bytes(self, path: str) -> bytes:
        answer = self.session.get(self.base + path, timeout=TIMEOUT_S)
        if not answer.ok:
            raise Refusal(answer)
        return answer.content

    def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Any:
        return self.send(path, headers, json=body or {})

    def post_bytes(self, path: str, data: bytes, kind: str) -> Any:
        return self.send(path, {"Content-Type": kind}, data=data)

    def send(self, path: str, headers: dict[str, str], **content: Any) -> Any:
        known = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.read(self.session.post(self.base + path, headers=known, timeout=TIMEOUT_S, **content))

    @staticmethod
    def read(answer: requests.Response) -> Any:
        if not answer.ok:
            raise Refusal(answer)
        return answer.json()


class Person(Caller):
    """Signs in at the console as people do; every POST carries the CSRF token."""

    def __init__(self, base: str, name: str, password: str) -> None:
        super().__init__(base)
        self.name = name
        page = base + "/console/login/"
        self.session.get(page, timeout=TIMEOUT_S).raise_for_status()
        form = {"username": name, "password": password, "csrfmiddlewaretoken": self.session.cookies["csrftoken"]}
        answer = self.session.post(page, data=form, headers={"Referer": page}, timeout=TIMEOUT_S)
        if "sessionid" not in self.session.cookies:
            raise Refusal(answer)

    def send(self, path: str, headers: dict[str, str], **content: Any) -> Any:
        return super().send(path, {**headers, **self.guard(path)}, **content)

    def post_page(self, path: str) -> str:
        """Press a button of the console; the page that answers."""
        answer = self.session.post(self.base + path, headers=self.guard(path), timeout=TIMEOUT_S)
        if not answer.ok:
            raise Refusal(answer)
        return answer.text

    def guard(self, path: str) -> dict[str, str]:
        return {"X-CSRFToken": self.session.cookies["csrftoken"] or "", "Referer": self.base + path}


class Machine(Caller):
    """A client-credentials token, which lasts fifteen minutes; a longer telling asks for another in time."""

    def __init__(self, base: str, client_id: str, secret: str) -> None:
        super().__init__(base)
        self.known_as = (client_id, secret)
        self.renew()
        self.session.auth = self.signed

    def renew(self) -> None:
        """Ask for a token, and remember for how long it is good."""
        form = {"grant_type": "client_credentials"}
        answer = requests.post(f"{self.base}/api/oauth/token", data=form, auth=self.known_as, timeout=TIMEOUT_S)
        token = self.read(answer)
        self.expires_in_s = int(token["expires_in"])
        self.token, self.until = str(token["access_token"]), time.monotonic() + self.expires_in_s - EARLY_S

    def signed(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """The request with a token that is still good."""
        if time.monotonic() > self.until:
            self.renew()
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request
