"""The curve of SM2 (GB/T 32918.5-2017) in Python integers: multiples of fixed points by tables, always by the same steps.

A scalar is written as odd digits of base 16 (±1, ±3 … ±15), one for each window, none of them zero; so a multiple takes exactly one
addition for each window, whatever the scalar. Python's integers are not constant in time to the last cycle: what a private key
decides is blinded besides (a multiple of the order is added, the first point is scaled at random).
"""

from __future__ import annotations

import secrets
from functools import cache, lru_cache

P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)

Point = tuple[int, int]
"""A point by its coordinates."""
Scaled = tuple[int, int, int]
"""A point in Jacobian coordinates (x/z², y/z³); z = 0 is the point at infinity."""
Table = list[list[Point]]
"""For each window the odd multiples 1, 3 … 15 of its unit, a point."""

_BLIND_BITS = 64
_WINDOWS = (256 + 4) // 4 + 1
_BLIND_WINDOWS = (256 + _BLIND_BITS + 4) // 4 + 1


def is_on_curve(point: Point) -> bool:
    """Whether it is a point of the curve. The curve's order is prime: each of its points is of the full order."""
    x, y = point
    return 0 <= x < P and 0 <= y < P and (y * y - (x * x * x + A * x + B)) % P == 0


def double(point: Scaled) -> Scaled:
    """Twice a point, for a = -3."""
    x, y, z = point
    zz, yy = z * z % P, y * y % P
    beta, alpha = x * yy % P, 3 * (x - zz) * (x + zz) % P
    across = (alpha * alpha - 8 * beta) % P
    return across, (alpha * (4 * beta - across) - 8 * yy * yy) % P, 2 * y * z % P


def add(one: Scaled, other: Point) -> Scaled:
    """The sum of two points, right in every case."""
    x, y, z = one
    zz = z * z % P
    h, r = (other[0] * zz - x) % P, (other[1] * zz * z - y) % P
    if not z:
        return *other, 1
    if not h:
        return (0, 1, 0) if r else double(one)
    hh = h * h % P
    hhh, v = h * hh % P, x * hh % P
    across = (r * r - hhh - 2 * v) % P
    return across, (r * (v - across) - y * hhh) % P, z * h % P


def flat(points: list[Scaled]) -> list[Point]:
    """Points by their coordinates, for one inversion; none of them at infinity."""
    products = [1]
    for _, _, z in points:
        products.append(products[-1] * z % P)
    inverse = pow(products[-1], -1, P)
    found: list[Point] = []
    for at in range(len(points) - 1, -1, -1):
        x, y, z = points[at]
        own = inverse * products[at] % P
        inverse = inverse * z % P
        square = own * own % P
        found.append((x * square % P, y * square * own % P))
    return found[::-1]


def table(point: Point, windows: int) -> Table:
    """The multiples of a point that `times` adds up."""
    units: list[Scaled] = [(*point, 1)]
    for _ in range(windows - 1):
        following = units[-1]
        for _ in range(4):
            following = double(following)
        units.append(following)
    plain = flat(units)
    twice = flat([double((*unit, 1)) for unit in plain])
    odd: list[Scaled] = []
    for unit, pair in zip(plain, twice, strict=True):
        found: Scaled = (*unit, 1)
        odd.append(found)
        for _ in range(7):
            found = add(found, pair)
            odd.append(found)
    made = flat(odd)
    return [made[at : at + 8] for at in range(0, len(made), 8)]


def digits(scalar: int, windows: int) -> list[int]:
    """A scalar as odd digits of base 16, the lowest first. It must be odd and smaller than 16 ** (windows - 1)."""
    found = []
    for _ in range(windows - 1):
        digit = (scalar & 31) - 16
        found.append(digit)
        scalar = (scalar - digit) >> 4
    return [*found, scalar]


def times(scalar: int, of: Table, begin: Scaled | None = None, *, scale: int = 1) -> Scaled:
    """`begin` and the multiple of a table's point; 0 <= scalar < 16 ** (windows - 1) - N.

    Without `begin` the first point is scaled by `scale`, which may be random.
    """
    odd = (scalar + N, scalar)[scalar & 1]
    sum_ = begin
    for digit, row in zip(digits(odd, len(of)), of, strict=True):
        x, y = row[abs(digit) >> 1]
        y = (y, P - y)[digit < 0]
        if sum_ is None:
            square = scale * scale % P
            sum_ = x * square % P, y * square * scale % P, scale
        else:
            sum_ = add(sum_, (x, y))
    assert sum_ is not None
    return sum_


@cache
def _base(windows: int) -> Table:
    return table(G, windows)


@lru_cache(maxsize=4)
def _of_key(key: Point) -> Table:
    return table(key, _WINDOWS)


def secret_multiple(scalar: int) -> Point:
    """scalar * G for a scalar that nobody may learn, 0 < scalar < N."""
    blinded = scalar + N * secrets.randbits(_BLIND_BITS)
    return flat([times(blinded, _base(_BLIND_WINDOWS), scale=1 + secrets.randbelow(P - 1))])[0]


def sum_of(s: int, t: int, key: Point) -> Point | None:
    """s * G + t * key, for numbers that anybody may know, below N; None for the point at infinity."""
    found = times(t, _of_key(key), times(s, _base(_WINDOWS)))
    return flat([found])[0] if found[2] else None
