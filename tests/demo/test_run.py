"""The demo as processes: it serves, keeps to this machine, moves its day on, and leaves cleanly."""

import signal
import sqlite3
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest

from tests.support.demo import LANTIAN, environment, lantian
from tests.support.smtp import free_port


@contextmanager
def running(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [LANTIAN, "demo", "run"],
        env=environment(folder, LANTIAN_PORT=str(port), PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def answer(url: str, *, tries: int = 100) -> str:
    """What an address answers, once somebody listens there."""
    pause = Event()
    for _ in range(tries):
        try:
            with urllib.request.urlopen(url, timeout=5) as response:
                return str(response.read().decode())
        except OSError:
            pause.wait(0.2)
    raise AssertionError(f"nothing answers at {url}")


def content(folder: Path) -> list[str]:
    """Everything the database holds."""
    with closing(sqlite3.connect(folder / "lantian.sqlite3")) as connection:
        return list(connection.iterdump())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_and_leaves_cleanly(demo_data: Path, number: signal.Signals) -> None:
    port = free_port()
    with running(demo_data, port) as process:
        assert "ok" in answer(f"http://127.0.0.1:{port}/health")
        assert "演示" in answer(f"http://127.0.0.1:{port}/sign-in")
        process.send_signal(number)
        out, err = process.communicate(timeout=5)
    assert process.returncode == 0, err
    assert f"http://127.0.0.1:{port}" in out
    assert "baoding@demo.lantian.example" in out
    assert "Traceback" not in err


def test_its_secret_key_is_kept_and_nobody_elses_to_read(demo_data: Path) -> None:
    keys = []
    for _ in range(2):
        port = free_port()
        with running(demo_data, port) as process:
            answer(f"http://127.0.0.1:{port}/health")
            process.send_signal(signal.SIGTERM)
            process.communicate(timeout=5)
        keys.append((demo_data / "secret_key").read_text(encoding="ascii"))
    assert keys[0] == keys[1]
    assert len(keys[0]) == 64
    assert (demo_data / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_second_one_takes_another_port(demo_data: Path) -> None:
    port = free_port()
    with running(demo_data, port) as first:
        answer(f"http://127.0.0.1:{port}/health")
        with running(demo_data, port) as second:
            assert second.stdout is not None
            assert second.stdout.readline().startswith(f"port {port} is taken; using ")
            address = second.stdout.readline().split()[2]
            assert "ok" in answer(f"{address}/health")
        assert first.poll() is None


def test_it_refuses_to_be_reached_from_elsewhere(demo_data: Path) -> None:
    for words in (("demo", "run"), ("serve",), ("scheduler",)):
        result = lantian(demo_data, *words, LANTIAN_HOST="0.0.0.0")
        assert result.returncode == 1
        assert "loopback" in result.stderr


def test_the_day_is_moved_on_and_kept(demo_data: Path) -> None:
    assert lantian(demo_data, "demo", "advance").stdout == "2017-10-20T08:30+08:00\n"
    assert lantian(demo_data, "demo", "advance", "--days", "7").stdout.startswith("2017-10-27T08:3")
    back = lantian(demo_data, "demo", "advance", "--to", "2017-10-20T08:30")
    assert back.returncode == 1
    assert "only moves forward" in back.stderr


def test_a_second_init_changes_nothing(demo_data: Path) -> None:
    before = content(demo_data)
    result = lantian(demo_data, "init", "--demo")
    assert result.returncode == 0
    assert "nothing changed" in result.stderr
    assert content(demo_data) == before
