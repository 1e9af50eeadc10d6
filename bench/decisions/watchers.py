"""Where watchers may run: what a second of 50,000 positions a second costs intake and watchers, and how long each makes the other wait.

15,000 simulated ships on random courses in a square of 60 miles. `thread`, `process`: a beat of 10 ms stands for sockets; it is told how
late it came while the watchers looked in another thread, or in another process, of the same machine.
"""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from bench.decisions._server import parser, tell
from kouan.app import registry
from kouan.facilities.telemetry.api import State, micros
from kouan.facilities.telemetry.codec import unpack
from kouan.facilities.telemetry.drivers.ais.driver import AisDriver
from kouan.facilities.telemetry.edge import Edge
from kouan.facilities.telemetry.publishing import Splitter
from kouan.kernel import clock
from kouan.kernel.signals import Frame
from kouan.operations.traffic import telling
from kouan.operations.traffic.picture import Traffic
from kouan_sim import ais

SHIPS, RATE, BEATS, BEAT = 15_000, 50_000, 20, 0.01


def chunks() -> list[bytes]:
    """Sentences of two seconds, a tenth of a second in each chunk."""
    random, talker = np.random.default_rng(4), ais.Talker(source="SIM1")
    places = [(121 + random.random(), 36 + random.random(), random.random() * 359) for _ in range(SHIPS)]
    lines = [
        ("\r\n".join(talker.sentences(ais.type1(413_000_000 + n, ais.Position(lon, lat, 10.0, course, int(course))))) + "\r\n").encode()
        for n, (lon, lat, course) in enumerate(places)
    ]
    each = RATE // 10
    return [b"".join(lines[(beat * each + n) % SHIPS] for n in range(each)) for beat in range(BEATS)]


def look(traffic: Traffic) -> None:
    """What the watcher of traffic does once a second."""
    traffic.look(micros(clock.now()))
    for _ in telling.parts(traffic, {}):
        pass
    telling.summary(traffic, {})


def costs(sentences: list[bytes], traffic: Traffic) -> dict[str, float]:
    """CPU seconds for each second of the stream."""
    driver, edge, splitter, state = AisDriver(), Edge(), Splitter(), State()
    spent = {"intake": 0.0, "picture": 0.0, "watchers": 0.0}

    def timed(what: str, work: Callable[[], Any]) -> Any:
        began = time.process_time()
        done = work()
        spent[what] += time.process_time() - began
        return done

    for beat, chunk in enumerate(sentences, 1):
        edge.offer(timed("intake", lambda chunk=chunk: driver.decode(chunk)).frames, "bench")  # type: ignore[misc]  # bound at once
        for batch in timed("intake", lambda: splitter.split(edge.drain())):
            frame: Frame = timed("picture", lambda batch=batch: unpack(batch.content))  # type: ignore[misc]  # bound at once
            timed("picture", lambda frame=frame: state.fold(frame))  # type: ignore[misc]  # bound at once
            timed("watchers", lambda frame=frame: traffic.fold(frame))  # type: ignore[misc]  # bound at once
        if beat % 10 == 0:
            timed("watchers", lambda: look(traffic))
    return {what: round(one * 10 / BEATS, 3) for what, one in spent.items()}


def late(working: Callable[[], bool]) -> dict[str, float]:
    """How late a beat of 10 ms comes in this thread while something works elsewhere."""
    found = []
    while working():
        due = time.monotonic() + BEAT
        time.sleep(BEAT)
        sum(range(20_000))  # what a beat does itself
        found.append(time.monotonic() - due)
    return {"p50_ms": round(float(np.median(found)) * 1000, 1), "longest_ms": round(max(found) * 1000, 1), "beats": len(found)}


def looks(traffic: Traffic, times: int) -> None:
    """Some looks, one after the other."""
    for _ in range(times):
        look(traffic)


def main() -> None:
    """Measure and print."""
    parser(__doc__).parse_args()
    registry.load()
    traffic = Traffic()
    found = costs(chunks(), traffic)
    began = time.process_time()
    looks(traffic, 3)
    one = (time.process_time() - began) / 3
    until = time.monotonic() + 2
    alone = late(lambda: time.monotonic() < until)
    thread = threading.Thread(target=looks, args=(traffic, 5))
    thread.start()
    with_thread = late(thread.is_alive)
    process = multiprocessing.get_context("fork").Process(target=looks, args=(traffic, 5))
    process.start()
    with_process = late(process.is_alive)
    same = {"longest_ms": round(one * 1000, 1)}
    tell(__doc__, {"cpu_s_for_each_second": found, "a_look_cpu_s": round(one, 3), "beat": {
        "alone": alone, "same_thread": same, "thread": with_thread, "process": with_process}})  # fmt: skip


if __name__ == "__main__":
    main()
