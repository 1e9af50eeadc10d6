"""Decisions a second on one core: a thousand live rules over readings, each decision with its explanation, beside zen-engine.

Runs alone, without a platform. A decision is one rule judged on one observation in the rule's scope (its metric); the same
decisions are counted for both. Ours are counted with the whole explanation in words for EVERY decision, met or not: rule,
revision, verdict, each condition with what was seen and its threshold. zen-engine gets the same rules as decision tables
with `collect`, its trace on (it tells the rows that matched, with their conditions); once as it is, all thousand in one
table, and once helped by our index, a table for each metric. Verdicts are compared on every observation first.
"""

from __future__ import annotations

import importlib
import json
import random
import statistics
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from bench._command import parser, say
from bench._platform import machine
from kouan.app.compose import settle
from kouan.kernel.signals import Frame
from kouan.operations.alerts.conditions import parse
from kouan.operations.alerts.engine import Engine, Watched
from kouan.operations.alerts.spells import Terms

RULES, METRICS, ROWS, SECONDS, REPEATS = 1000, 200, 10_000, 2.0, 5
BEGAN = 1_767_225_600  # a Thursday, 00:00 UTC
RATE = 10_000
Told = dict[str, Any]


def stated(rules: int, metrics: int, seed: int) -> list[tuple[int, Told]]:
    """Synthetic rules in three shapes as staff write them: the metric that each watches, and its condition."""
    rng = random.Random(seed)
    made: list[tuple[int, Told]] = []
    for n in range(rules):
        low = round(rng.uniform(5, 45), 1)
        high = round(rng.uniform(55, 95), 1)
        hours = {"time": {"from": f"{rng.randrange(0, 12):02}:00", "to": f"{rng.randrange(12, 24):02}:00"}}
        shapes: tuple[Told, ...] = (
            {"field": "value", "op": ">", "value": high, "clear": high - 5},
            {"all": [{"field": "value", "op": "between", "low": low, "high": high}, hours]},
            {"all": [{"any": [{"field": "value", "op": "<", "value": low}, {"field": "value", "op": ">", "value": high}]}, hours]},
        )
        made.append((n % metrics, shapes[n % 3]))
    return made


def frames(rows: int, metrics: int, count: int, seed: int) -> list[Frame]:
    """Synthetic readings: every metric in turn, values from 0 to 100 with one decimal, a minute from frame to frame."""
    rng = np.random.default_rng(seed)
    made = []
    for n in range(count):
        at = np.full(rows, (BEGAN + n * 3600) * 1_000_000, np.int64) + np.arange(rows)
        key = (np.arange(rows) % metrics + 1).astype(np.uint64)
        value = np.round(rng.uniform(0, 100, rows), 1)
        blank = np.zeros(rows, np.uint8)
        made.append(Frame("reading", {"key": key, "at": at, "value": value, "quality": blank, "flags": blank}))
    return made


def engine_of(rules: Sequence[tuple[int, Told]]) -> Engine:
    """Our engine with the rules; a rule watches the keys of its metric."""

    def covers(metric: int) -> Callable[[int], bool]:
        return lambda key: key == metric + 1

    made = Engine("UTC")
    made.load([
        Watched(f"rule-{n}", 1, "reading", parse(tree, "reading"), Terms(clears_after_s=30), covers(metric))
        for n, (metric, tree) in enumerate(rules)
    ])  # fmt: skip
    return made


def ours(engine: Engine, some: Sequence[Frame], *, words: bool) -> int:
    """Judge the frames, follow the alarms; explain every decision in words if wanted. Answers the decisions."""
    count = 0
    for frame in some:
        engine.fold(frame, int(frame["at"][-1]))
        for decided in engine.last:
            count += len(decided.explained()) if words else len(decided)
    return count


def matched(engine: Engine, frame: Frame) -> list[set[str]]:
    """For each row the rules that our engine finds met."""
    found: list[set[str]] = [set() for _ in range(len(frame))]
    engine.fold(frame, int(frame["at"][-1]))
    for decided in engine.last:
        for row, rule, verdict in zip(decided.pairs.row.tolist(), decided.pairs.rule.tolist(), decided.verdict.tolist(), strict=True):
            if verdict:
                found[row].add(decided.rules[rule].name)
    return found


def observed(frame: Frame, metrics: int) -> list[Told]:
    """The frame's rows as zen takes them."""
    minute = (frame["at"] // 60_000_000 % 1440).tolist()
    return [
        {"metric": n % metrics, "value": value, "minute": at}
        for n, (value, at) in enumerate(zip(frame["value"].tolist(), minute, strict=True))
    ]


def _row(n: int, metric: int, tree: Told) -> Told:
    parts = tree.get("all", [tree])
    value, hours = parts[0], parts[1]["time"] if len(parts) > 1 else None
    if "any" in value:
        test = f"< {value['any'][0]['value']}, > {value['any'][1]['value']}"
    elif value["op"] == "between":
        test = f"[{value['low']}..{value['high']}]"
    else:
        test = f"> {value['value']}"
    minutes = f"[{_minutes(hours['from'])}..{_minutes(hours['to'])})" if hours else ""
    return {"_id": f"rule-{n}", "metric": str(metric), "value": test, "minute": minutes, "rule": f'"rule-{n}"'}


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _table(rows: Sequence[Told]) -> str:
    inputs = [{"id": name, "name": name, "field": name} for name in ("metric", "value", "minute")]
    content = {"hitPolicy": "collect", "inputs": inputs, "outputs": [{"id": "rule", "name": "rule", "field": "rule"}], "rules": rows}
    place = {"position": {"x": 0, "y": 0}}
    nodes = [
        {"id": "in", "type": "inputNode", "name": "in", **place},
        {"id": "table", "type": "decisionTableNode", "name": "table", "content": content, **place},
        {"id": "out", "type": "outputNode", "name": "out", **place},
    ]
    edges = [
        {"id": "1", "sourceId": "in", "targetId": "table", "type": "edge"},
        {"id": "2", "sourceId": "table", "targetId": "out", "type": "edge"},
    ]
    return json.dumps({"nodes": nodes, "edges": edges})


class Zen:
    """zen-engine with the same rules: in one table, or in one for each metric (`indexed`)."""

    def __init__(self, rules: Sequence[tuple[int, Told]], *, indexed: bool) -> None:
        engine = importlib.import_module("zen").ZenEngine()
        rows = [_row(n, metric, tree) for n, (metric, tree) in enumerate(rules)]
        metrics = sorted({metric for metric, _ in rules})
        groups = [[row for row in rows if row["metric"] == str(metric)] for metric in metrics] if indexed else [rows]
        self._tables = [engine.create_decision(_table(group)) for group in groups]
        self._indexed = indexed

    def judge(self, one: Told, *, trace: bool) -> Told:
        """One observation judged."""
        table = self._tables[one["metric"]] if self._indexed else self._tables[0]
        found: Told = table.evaluate(one, {"trace": True}) if trace else table.evaluate(one)
        return found


def speed(work: Callable[[], int], seconds: float, repeats: int) -> dict[str, float]:
    """Units a second by clock and by CPU; the median of some repeats, after one that is not counted."""
    by_clock, by_cpu = [], []
    for _ in range(repeats + 1):
        began, cpu, done = time.perf_counter(), time.process_time(), 0
        while time.perf_counter() < began + seconds / repeats:
            done += work()
        by_clock.append(done / (time.perf_counter() - began))
        by_cpu.append(done / max(time.process_time() - cpu, 1e-9))
    return {"per_s": round(statistics.median(by_clock[1:])), "per_cpu_s": round(statistics.median(by_cpu[1:]))}


def peers(rules: Sequence[tuple[int, Told]], frame: Frame, metrics: int, seconds: float, checked: int) -> dict[str, Any]:
    """zen-engine on the same rules and observations: speeds, and on how many observations the verdicts were the same."""
    try:
        tables = {"one table": Zen(rules, indexed=False), "table by metric": Zen(rules, indexed=True)}
    except ImportError:
        return {"zen-engine": {"absent": "zen-engine is not installed"}}
    mine, rows = matched(engine_of(rules), frame), observed(frame, metrics)
    each = len(rules) // metrics
    found: dict[str, Any] = {}
    for name, zen in tables.items():
        some = list(range(len(rows)))[: checked if name == "one table" else None]
        same = sum(mine[n] == {one["rule"] for one in zen.judge(rows[n], trace=False)["result"]} for n in some)
        turn = iter(range(1 << 62))

        def work(zen: Zen = zen, turn: Any = turn, *, trace: bool = True) -> int:
            for _ in range(20):
                zen.judge(rows[next(turn) % len(rows)], trace=trace)
            return 20 * each

        found[f"zen-engine, {name}"] = {
            **speed(work, seconds / 2, 3),
            "without_trace": speed(lambda work=work: work(trace=False), seconds / 2, 3),  # type: ignore[misc]  # bound early
            "verdicts_checked": len(some), "verdicts_equal": same,
        }  # fmt: skip
    return found


def run(rules: int = RULES, metrics: int = METRICS, rows: int = ROWS, seconds: float = SECONDS, repeats: int = REPEATS) -> dict[str, Any]:
    """Measure; per_s and per_cpu_s are our decisions, each explained in words."""
    settle()  # the garbage collector as the platform's processes have it
    where, made, some = machine(), stated(rules, metrics, 7), frames(rows, metrics, 8, 11)
    engine = engine_of(made)
    turn = iter(range(1 << 62))

    def work(*, words: bool) -> int:
        return ours(engine, [some[next(turn) % len(some)]], words=words)

    explained = speed(lambda: work(words=True), seconds, repeats)
    kept = speed(lambda: work(words=False), seconds, repeats)
    found = peers(made, some[3], metrics, seconds, min(rows, 1000))
    return {
        "name": "rules", "unit": "decisions, each explained in words", **explained,
        "kept_in_columns": {**kept, "what": "verdict and conditions met of every decision kept, words made on request"},
        "rules": rules, "rules_in_scope_of_an_observation": rules / metrics, "readings_per_frame": rows,
        "core_share_at_10000_readings_s": round(RATE * rules / metrics / kept["per_cpu_s"], 4),
        "peers": found, "data": "synthetic rules and readings", "machine": where,
    }  # fmt: skip


def main() -> None:
    """Command line."""
    given = parser(__doc__).parse_args()
    say(run(), line=given.json)


if __name__ == "__main__":
    main()
