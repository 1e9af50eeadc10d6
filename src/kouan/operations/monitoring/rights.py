"""Who reads which totals: the whole, its parts, or one's own.

The whole of an indicator is read by those whom it names. Its parts tell what single fields say, so they are read only by those
of them whose part in the records shows every field that the formula reads. A firm that is named by the indicator reads what is
its own. The facts behind follow the records themselves.
"""

from __future__ import annotations

from functools import cache

from kouan.kernel.indicators import Indicator
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.records import Party, record_type

ALL = "*"


def may_read(of: type[Indicator], who: Principal) -> int | None:
    """Whose totals of an indicator a caller reads: 0 the port's, its own organisation's number, None nobody's."""
    if ALL in of.readers or who.kind in of.readers or who.org == PLATFORM.org:
        return 0
    return who.org if of.firm else None


def may_divide(of: type[Indicator], who: Principal) -> bool:
    """Whether a caller reads the parts of what it reads of an indicator."""
    org = may_read(of, who)
    return org is not None and (who.org == PLATFORM.org or divides(of, who.kind, own=org != 0))


@cache
def dividers(of: type[Indicator]) -> tuple[str, ...]:
    """The kinds of organisations that read the port's totals by parts; `*` is everyone."""
    if of.tally is None:
        return of.readers
    seeing = {party.by.removeprefix("kind:") for party in _seeing(of) if party.by.startswith("kind:")}
    if any(party.by == "everyone" for party in _seeing(of)):
        return of.readers
    return tuple(sorted(seeing if ALL in of.readers else seeing & set(of.readers)))


def divides(of: type[Indicator], kind: str, *, own: bool) -> bool:
    """Whether a kind of organisation reads an indicator by parts; `own`: a firm what is its own."""
    if not own:
        return ALL in dividers(of) or kind in dividers(of)
    by = "filer" if of.firm == "@filer" else f"field:{of.firm}"
    return of.firm == "@filer" or any(party.by in (by, "everyone") for party in _seeing(of))


def _seeing(of: type[Indicator]) -> list[Party]:
    """The parties of an indicator's records that see every field that its formula reads."""
    assert of.tally is not None
    uses = of.tally.uses()
    return [party for party in record_type(of.tally.record).facts.parties if isinstance(party.sees, str) or party.sees >= uses]
