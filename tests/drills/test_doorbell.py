"""Redis is a doorbell: rung twice, flushed empty, away for a while; two ticks, many claimants, no web."""

import http.client
import json
import socket
import sys

from governance.embedded.processes import wait_until
from tests.drills.conftest import assert_once, assert_sound
from tests.drills.house import House, kill


def test_two_bells_for_one_job_run_it_once(house: House) -> None:
    house.a_worker()
    refs = house.submit_held(["mid_run"])
    house.ask("ring_twice", ref=refs["mid_run"])
    assert wait_until(lambda: house.ask("bells_waiting") == 0, seconds=5)
    house.release()
    (fact,) = house.await_end(list(refs.values()))
    assert_once(house, [fact])
    house.ask("ring_twice", ref=refs["mid_run"])
    assert wait_until(lambda: house.ask("bells_waiting") == 0, seconds=5)
    assert house.ask("job", ref=refs["mid_run"])["attempt"] == 1
    assert_sound(house)


def test_flushing_redis_while_jobs_queue_loses_nothing(house: House) -> None:
    house.dismiss()
    refs = house.submit(count=3)
    assert wait_until(lambda: house.ask("unsent") == 0 and house.ask("bells_waiting") >= 3, seconds=10)
    house.ask("flush_redis")
    assert house.ask("bells_waiting") == 0
    house.worker()
    assert_once(house, house.await_end(refs))
    assert_sound(house)


def test_two_ticks_at_once_ring_and_sweep_without_harm(house: House) -> None:
    house.tick()
    house.a_worker()
    refs = house.submit(count=4)
    facts = house.await_end(refs)
    assert_once(house, facts)
    assert [fact["attempt"] for fact in facts] == [1] * 4
    assert_sound(house)


def test_of_fifty_claimants_one_gets_the_job(house: House) -> None:
    house.dismiss()
    (ref,) = house.submit()
    assert house.ask("storm", ref=ref, threads=50) == [1]
    house.worker()
    (fact,) = house.await_end([ref])  # the winner never beat its heart: the lease ran out
    assert fact["ends"] == [["queued", "lease_lost"], ["succeeded", ""]]
    assert_sound(house)


def test_a_job_asked_for_over_http_goes_on_when_the_web_is_killed(house: House) -> None:
    house.a_worker()
    door = house.var / "web.sock"
    lean = ["-w", "1", "--no-control-socket"]  # it would lie in the home folder
    web = house.spawn("web", [sys.executable, "-m", "gunicorn", *lean, "-b", f"unix:{door}", "governance.wsgi"])
    assert wait_until(door.exists, seconds=20), house.log_of("web")
    cookies = house.ask("operator_session")
    house.gate().hold("claimed")
    connection = http.client.HTTPConnection("localhost", timeout=20)
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(str(door))
    headers = {
        "Content-Type": "application/json",
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "X-CSRFToken": cookies["csrftoken"],
    }
    connection.request("POST", "/api/v1/jobs", json.dumps({"engine": "noop", "params": {"steps": 1}}), headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    connection.close()
    assert answer.status == 201, said
    kill(web)
    house.release()
    assert_once(house, house.await_end([said["ref"]]))
    assert_sound(house)
