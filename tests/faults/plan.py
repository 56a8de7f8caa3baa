"""Plans of faults: which process or server is hurt when and how, all of it from a seed."""
from __future__ import annotations

import random
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """`target` numbers the processes of a kind; `seconds` is how long it lasts."""

    at: float
    kind: str
    target: int = 0
    seconds: float = 0.0


def kills(rng: random.Random, length: float, every: float, pause: float = 20.0, schedulers: int = 3, away: float = 1.0) -> list[Fault]:
    """A scheduler is killed every few seconds and comes back when it was `away` for a while; meanwhile another is paused once."""
    paused = rng.randrange(schedulers)
    begin = rng.uniform(0.1, 0.9) * max(length - pause, 0)
    faults = [Fault(begin, "pause scheduler", paused, pause)] if pause else []
    at = every
    while at < length:
        awake = [n for n in range(schedulers) if not (pause and n == paused and begin - 1 <= at <= begin + pause + 1)]
        faults.append(Fault(at, "kill scheduler", rng.choice(awake), away))
        at += every
    return sorted(faults, key=lambda fault: fault.at)


def pauses(rng: random.Random, length: float, counts: dict[str, int]) -> list[Fault]:
    """One process after another stands still, for less or for more than its lease."""
    faults, at = [], 2.0
    while at < length:
        kind = rng.choice(sorted(counts))
        faults.append(Fault(at, f"pause {kind}", rng.randrange(counts[kind]), rng.choice([1.0, 3.0, 6.0, 16.0])))
        at += rng.uniform(3.0, 8.0)
    return faults


def everything(rng: random.Random, length: float, counts: dict[str, int]) -> list[Fault]:
    """All kinds of faults in one run."""
    faults, at = [], 3.0
    while at < length:
        kind = rng.choice(sorted(counts))
        choices = [
            Fault(at, f"kill {kind}", rng.randrange(counts[kind]), rng.uniform(0.2, 3.0)),
            Fault(at, f"pause {kind}", rng.randrange(counts[kind]), rng.choice([1.0, 3.0, 6.0, 16.0])),
            Fault(at, f"stop {kind}", rng.randrange(counts[kind]), 1.0),
            Fault(at, "cut connections"),
            Fault(at, "restart database", seconds=rng.uniform(0.0, 4.0)),
            Fault(at, "read-only database", seconds=rng.uniform(1.0, 6.0)),
        ]
        faults.append(rng.choice(choices))
        at += rng.uniform(3.0, 7.0)
    return faults
