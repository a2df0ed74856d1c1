"""Keep-alive clients on plain sockets, light enough to share two cores with the server."""

from __future__ import annotations

import http.client
import re
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from bench.world import text


@dataclass
class Load:
    """What one run of clients saw: seconds of each answer, failures, and the rate."""

    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    rate: float = 0.0


def _csrf(port: int) -> tuple[str, str]:
    """Cookie and form token of the report's form; empty where there is no such page."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/r/new/")
    answer = connection.getresponse()
    body = answer.read().decode("utf-8", "replace")
    cookie = answer.getheader("Set-Cookie", "") or ""
    connection.close()
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', body)
    found = re.search(r"csrftoken=(\w+)", cookie)
    return (found[1] if found else "", token[1] if token else "")


def _answer(sock: socket.socket) -> bytes:
    """One whole answer: its head and its body, by length or in chunks."""
    answer = sock.recv(65536)
    while answer and b"\r\n\r\n" not in answer:
        answer += sock.recv(65536)
    head, _gap, body = answer.partition(b"\r\n\r\n")
    low = head.lower()
    if b"transfer-encoding: chunked" in low:
        while not body.endswith(b"0\r\n\r\n"):
            body += sock.recv(65536)
    else:
        length = re.search(rb"content-length: (\d+)", low)
        while length and len(body) < int(length[1]):
            body += sock.recv(65536)
    return head


def _client(port: int, csrf: tuple[str, str], first: int, end: float, seen: Load) -> None:
    latencies, failures = [], 0
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.settimeout(20)  # an answer that never comes is a failure, not a hanging benchmark
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        n = first
        while time.perf_counter() < end:
            n += 1
            body = urlencode(
                {"csrfmiddlewaretoken": csrf[1], "step": "send", "subject": "unknown",
                 "kind": "demand", "text": text(n), "reach": "anonymous",
                 "login_token": secrets.token_hex(32)}
            ).encode()  # fmt: skip
            head = (
                "POST /r/new/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                f"Origin: http://127.0.0.1:{port}\r\nCookie: csrftoken={csrf[0]}\r\n"
                f"X-Forwarded-For: 10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255}\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n"
                f"Content-Length: {len(body)}\r\n\r\n"
            ).encode()
            start = time.perf_counter()
            try:
                sock.sendall(head + body)
                answer = _answer(sock)
            except TimeoutError:
                failures += 1
                break
            latencies.append(time.perf_counter() - start)
            if not answer.startswith(b"HTTP/1.1 303"):
                failures += 1
    seen.latencies.extend(latencies)
    seen.failures += failures


def run(port: int, seconds: float, clients: int = 8, *, again: int = 0) -> Load:
    """``clients`` clients for ``seconds``; ``again``: how often before, so that they come from other
    addresses, which the limiter has not counted yet."""
    seen = Load()
    csrf = _csrf(port)
    begin = time.perf_counter()
    threads = [
        threading.Thread(
            target=_client,
            args=(port, csrf, n * 10_000_000 + again * 50_000, begin + seconds, seen),
        )
        for n in range(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seen.rate = len(seen.latencies) / (time.perf_counter() - begin)
    return seen
