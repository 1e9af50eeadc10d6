"""Unusual days: precision and recall of the port's detector on made-up series whose unusual days are known.

Series have a weekly pattern, growth, holidays and noise of their kind; some days are made unusual by a known factor. Beside
the detector stands the usual plain one: mean and standard deviation of the same eight weeks, at the same limit and at three.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from bench._command import parser, say
from bench._platform import machine
from kouan.operations.monitoring.api import HOLIDAYS, LIMIT, WORKED, judge

SEED, SERIES, DAYS, FIRST, WARM = 20261122, 120, 400, date(2025, 9, 1), 84
FACTORS = (0.0, 0.4, 0.6, 1.6, 2.0, 3.0)
WEEK = np.array([1.0, 1.05, 1.0, 1.02, 0.95, 0.6, 0.45])
KINDS = ("count", "amount", "plain")


def made(kind: str, chance: np.random.Generator, count: int = DAYS) -> tuple[list[date], list[float], set[int]]:
    """A series, and the places of its unusual days: about one day in forty."""
    days = [FIRST + timedelta(days=n) for n in range(count)]
    level, growth = float(chance.uniform(40, 900)), float(chance.uniform(-0.15, 0.4))
    rest = float(chance.uniform(0.2, 0.5))
    mean = np.array([level * WEEK[d.weekday()] * (1 + growth * n / 365) for n, d in enumerate(days)])
    mean = np.where([d in HOLIDAYS for d in days], mean * rest, mean)
    mean = np.where([d in WORKED for d in days], [level * (1 + growth * n / 365) for n in range(count)], mean)
    places = {int(n) for n in range(WARM, count) if chance.random() < 1 / 40 and days[n] not in HOLIDAYS}
    factors = {n: float(chance.choice(FACTORS)) for n in places}
    mean = np.array([m * factors.get(n, 1.0) for n, m in enumerate(mean)])
    if kind == "count":
        return days, [float(v) for v in chance.poisson(mean)], places
    if kind == "amount":
        return days, [float(v) for v in np.maximum(mean, level / 50) * 1000 * chance.lognormal(0, 0.09, count)], places
    shares = 88 + chance.normal(0, 1.3, count) + np.array([2.0 if d.weekday() > 4 else 0.0 for d in days])
    off = np.array([{0.0: -25, 0.4: -15, 0.6: -9, 1.6: -12, 2.0: -18, 3.0: -30}[factors[n]] if n in factors else 0 for n in range(count)])
    return days, [float(v) for v in np.clip(shares + off, 0, 100)], places


def plain(limit: float) -> Callable[[Sequence[date], Sequence[float], str], set[int]]:
    """Mean and standard deviation of the eight weeks before."""

    def marks(days: Sequence[date], values: Sequence[float], kind: str) -> set[int]:
        found = set()
        for at in range(56, len(days)):
            window = np.array(values[at - 56 : at])
            if abs(values[at] - window.mean()) > limit * max(float(window.std()), 1e-9):
                found.add(at)
        return found

    return marks


def ours(days: Sequence[date], values: Sequence[float], kind: str) -> set[int]:
    """What the port's detector marks."""
    return {at for at, one in enumerate(judge(days, values, kind, LIMIT)) if one.unusual}  # type: ignore[arg-type]  # one of KINDS


DETECTORS = {"kouan": ours, "mean and 3 sigma": plain(3.0), f"mean and {LIMIT} sigma": plain(LIMIT)}


def run(series: int = SERIES, days: int = DAYS) -> dict[str, Any]:
    """Precision and recall of each detector by kind of series, and what judging a series costs."""
    chance = np.random.default_rng(SEED)
    all_ = [(kind, *made(kind, chance, days)) for kind in KINDS for _ in range(series // len(KINDS))]
    found: dict[str, Any] = {}
    for name, detector in DETECTORS.items():
        before = time.process_time()
        marked = [{at for at in detector(when, values, kind) if at >= WARM} for kind, when, values, _ in all_]
        spent = time.process_time() - before
        by_kind = {k: _scores([(m, one[3]) for m, one in zip(marked, all_, strict=True) if one[0] == k]) for k in KINDS}
        whole = _scores([(m, one[3]) for m, one in zip(marked, all_, strict=True)])
        found[name] = {**whole, "kinds": by_kind, "cpu_ms_per_series": round(spent / len(all_) * 1000, 3)}
    return {
        "name": "unusual", "machine": machine(), "data": "synthetic series with known unusual days",
        "series": len(all_), "days": days, "unusual_days": sum(len(one[3]) for one in all_), "limit": LIMIT, "detectors": found,
    }  # fmt: skip


def _scores(pairs: Sequence[tuple[set[int], set[int]]]) -> dict[str, Any]:
    hits = sum(len(marked & true) for marked, true in pairs)
    marks, real = sum(len(marked) for marked, _ in pairs), sum(len(true) for _, true in pairs)
    precision, recall = hits / marks if marks else None, hits / real if real else None
    return {"precision": precision and round(precision, 3), "recall": recall and round(recall, 3), "marked": marks, "real": real}


def main() -> None:
    """Command line."""
    arguments = parser(__doc__).parse_args()
    say(run(), line=arguments.json)


if __name__ == "__main__":
    main()
