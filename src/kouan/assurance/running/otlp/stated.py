"""What the operator states of a collector, by the standard variables of OpenTelemetry (specification 1.x, Environment Variables).

Nothing is collected unless an endpoint is named. A value that is none is told in the log and counts as not stated.
"""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import unquote, urlsplit

log = logging.getLogger(__name__)
BASE = "OTEL_EXPORTER_OTLP_"
SIGNALS = ("traces", "metrics", "logs")
SPEAKS = "http/json"
Sampler = Callable[[str, str], bool]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where one signal goes: address, headers (they may hold a secret), seconds to wait, whether bodies are compressed."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    timeout: float
    gzip: bool


@dataclass(frozen=True, slots=True)
class Collector:
    """All that is stated. `delay`, `queue`, `batch`: of spans and of log records, by signal (seconds, items, items); `interval`:
    seconds between two tellings of metrics."""

    endpoints: Mapping[str, Endpoint]
    resource: Mapping[str, str]
    sampler: Sampler
    delay: Mapping[str, float]
    queue: Mapping[str, int]
    batch: Mapping[str, int]
    interval: float
    authorities: str = ""
    certificate: str = ""
    key: str = field(default="", repr=False)

    def context(self) -> ssl.SSLContext:
        """How a collector's certificate is checked, and what we show it. Raises OSError when a file cannot be read."""
        made = ssl.create_default_context(cafile=self.authorities or None)
        if self.certificate:
            made.load_cert_chain(self.certificate, self.key or None)
        return made


def read(env: Mapping[str, str]) -> Collector | None:
    """What is stated, None where nothing is to be collected."""
    if env.get("OTEL_SDK_DISABLED", "").strip().lower() == "true":
        return None
    endpoints = {signal: one for signal in SIGNALS if (one := _endpoint(env, signal)) is not None}
    if not endpoints:
        return None
    asked = env.get(f"{BASE}PROTOCOL", "").strip()
    if asked and asked != SPEAKS:
        log.warning("OTLP is told as http/json, which a collector takes at the same address; another protocol was asked for")
    return Collector(
        endpoints, _resource(env), sampler(env.get("OTEL_TRACES_SAMPLER", ""), env.get("OTEL_TRACES_SAMPLER_ARG", "")),
        {signal: _number(env, f"OTEL_{word}_SCHEDULE_DELAY", usual) / 1000 for signal, word, usual in _BATCHED},
        {signal: int(_number(env, f"OTEL_{word}_MAX_QUEUE_SIZE", 2048)) for signal, word, _ in _BATCHED},
        {signal: int(_number(env, f"OTEL_{word}_MAX_EXPORT_BATCH_SIZE", 512)) for signal, word, _ in _BATCHED},
        _number(env, "OTEL_METRIC_EXPORT_INTERVAL", 60_000) / 1000,
        env.get(f"{BASE}CERTIFICATE", ""), env.get(f"{BASE}CLIENT_CERTIFICATE", ""), env.get(f"{BASE}CLIENT_KEY", ""),
    )  # fmt: skip


_BATCHED = (("traces", "BSP", 5000), ("logs", "BLRP", 1000))


def _endpoint(env: Mapping[str, str], signal: str) -> Endpoint | None:
    if env.get(f"OTEL_{signal.upper()}_EXPORTER", "otlp").strip() not in ("", "otlp"):
        return None

    def said(name: str) -> str:
        return (env.get(f"{BASE}{signal.upper()}_{name}") or env.get(f"{BASE}{name}") or "").strip()

    own, base = env.get(f"{BASE}{signal.upper()}_ENDPOINT", "").strip(), env.get(f"{BASE}ENDPOINT", "").strip()
    url = own or (f"{base.rstrip('/')}/v1/{signal}" if base else "")
    if not url:
        return None
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        log.warning("the endpoint of %s is no http address; it is not told", signal)
        return None
    wait = _number({"wait": said("TIMEOUT")}, "wait", 10_000) / 1000
    return Endpoint(url, pairs(said("HEADERS")), wait, said("COMPRESSION") == "gzip")


def pairs(text: str) -> dict[str, str]:
    """`key=value,…` with values percent-encoded, as headers and resource attributes are stated."""
    found = {}
    for part in text.split(","):
        name, equals, value = part.partition("=")
        if equals and name.strip():
            found[unquote(name.strip())] = unquote(value.strip())
    return found


def _resource(env: Mapping[str, str]) -> dict[str, str]:
    found = {"service.name": "kouan", "service.version": _version(), **pairs(env.get("OTEL_RESOURCE_ATTRIBUTES", ""))}
    if named := env.get("OTEL_SERVICE_NAME", "").strip():
        found["service.name"] = named
    return found


def _version() -> str:
    try:
        return version("kouan")
    except PackageNotFoundError:
        return "unknown"


def _number(env: Mapping[str, str], name: str, usual: float) -> float:
    text = env.get(name, "").strip()
    try:
        found = float(text) if text else usual
    except ValueError:
        found = 0.0
    if found <= 0 or found != found or found == float("inf"):
        log.warning("a number of OpenTelemetry's variables is none; the usual one counts")
        return usual
    return found


def sampler(name: str, argument: str) -> Sampler:
    """Whether a trace is collected: by its id (the same in every process) and the flags that came with it; unknown: as the usual one."""
    kind = name.strip() or "parentbased_always_on"
    root = kind.removeprefix("parentbased_")
    parent = kind.startswith("parentbased_")
    if root not in ("always_on", "always_off", "traceidratio"):
        log.warning("OTEL_TRACES_SAMPLER is none that is known; parentbased_always_on counts")
        root, parent = "always_on", True
    limit = {"always_on": 1 << 64, "always_off": 0}.get(root, int(_share(argument) * (1 << 64)))

    def sampled(trace: str, flags: str) -> bool:
        if parent and flags:
            return bool(int(flags, 16) & 1)
        return int(trace[16:], 16) < limit

    return sampled


def _share(text: str) -> float:
    try:
        found = float(text) if text.strip() else 1.0
    except ValueError:
        found = -1.0
    if not 0 <= found <= 1:
        log.warning("OTEL_TRACES_SAMPLER_ARG is no share between 0 and 1; all counts")
        return 1.0
    return found
