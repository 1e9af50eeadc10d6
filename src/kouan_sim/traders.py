"""The trade of a simulated voyage (模拟): its bills of lading, boxes, goods and firms, new for every voyage.

References come from a run id, so that no two voyages share one; firms and goods repeat, as in life. The
writers of messages are in `messages`.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from kouan_sim.ais import Identity
from kouan_sim.identifiers import References, containers
from kouan_sim.ships import MAIN_SHIP

PORT = "CNWHH"
OFFICE = "9901"


@dataclass(frozen=True, slots=True)
class Party:
    """A simulated firm. `code`: ten-digit customs registration code (海关注册编码) in China, empty abroad.

    The eighteen signs of a 统一社会信用代码 fit neither DE 3039 of UN/EDIFACT nor a party's ID in WCO DEC (an..17).
    """

    name: str
    street: str
    city: str
    country: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of goods: HS code, kilograms, value in the currency's main unit; `un`: UN number or empty."""

    hs: str
    description: str
    origin: str
    package: str
    packages: int
    gross: int
    net: int
    value: int
    currency: str = "USD"
    un: str = ""


@dataclass(frozen=True, slots=True)
class Box:
    """A container with its ISO 6346 size and type, seal and gross mass in kilograms (goods and tare)."""

    number: str
    size: str
    seal: str
    gross: int


@dataclass(frozen=True, slots=True)
class Bill:
    """A bill of lading: who sends what to whom, from where, in which boxes."""

    number: str
    consignor: Party
    consignee: Party
    loaded: str
    boxes: tuple[Box, ...]
    goods: tuple[Goods, ...]


@dataclass(frozen=True, slots=True)
class Voyage:
    """A call of a ship at the port with everything on board that concerns it; times carry their zone."""

    number: str
    call: str
    manifest: str
    eta: datetime
    etd: datetime
    bills: tuple[Bill, ...]
    vessel: Identity = MAIN_SHIP
    flag: str = "CN"
    last_port: str = "KRPUS"
    next_port: str = "CNSHA"
    crew: int = 21
    security_level: int = 1

    @property
    def imo(self) -> str:
        """The ship's IMO number, seven digits."""
        return f"{self.vessel.imo:07d}"

    @property
    def length(self) -> int:
        """The ship's length overall, metres."""
        return self.vessel.bow + self.vessel.stern


_CONSIGNORS = (
    Party("SIM HANBIT TRADING", "1 Harbour Road", "Busan", "KR"),
    Party("SIM MORAVA MACHINES", "12 Works Street", "Hamburg", "DE"),
    Party("SIM PAMPAS FOODS", "300 Dock Avenue", "Santos", "BR"),
    Party("SIM AZALEA TEXTILES", "8 Mill Lane", "Ho Chi Minh City", "VN"),
)
# The demo's own trader, by the name under which the platform knows it, so that it sees the bills that are its own.
TRADER = Party("模拟亡是贸易 SIM Wangshi Trading", "Simulated Road 1", "Wanghai", "CN", "trader")
_CONSIGNEES = tuple(
    Party(name, street, "Wanghai", "CN", code)
    for name, street, code in (
        ("模拟远航机械有限公司 SIM Yuanhang Machinery", "Simulated Road 22", "3799960001"),
        ("模拟海丰食品有限公司 SIM Haifeng Foods", "Simulated Road 303", "3799960002"),
        ("模拟锦云纺织有限公司 SIM Jinyun Textiles", "Simulated Road 4", "3799960003"),
    )
)

ORDINARY = (
    Goods("85171300", "Smartphones, SIM test goods", "KR", "CT", 420, 3800, 3100, 96_000),
    Goods("84581100", "Numerically controlled lathes, SIM test goods", "DE", "CS", 4, 11_200, 10_400, 210_000),
    Goods("02023000", "Frozen boneless beef, SIM test goods", "BR", "CT", 1050, 24_500, 23_100, 132_000),
    Goods("52081200", "Woven cotton fabrics, SIM test goods", "VN", "RL", 310, 9_300, 8_900, 41_000),
    Goods("87083099", "Brake parts for vehicles, SIM test goods", "DE", "PX", 36, 12_600, 11_800, 78_000),
    Goods("48101900", "Coated printing paper, SIM test goods", "KR", "RL", 52, 20_800, 20_300, 23_500),
)
DANGEROUS = Goods(
    "38089400",
    "Disinfectants with ethanol, SIM test goods",
    "KR",
    "DR",
    80,
    14_400,
    12_900,
    30_500,
    un="1170",
)
LITHIUM = Goods("85076000", "Lithium-ion batteries, SIM test goods", "KR", "CT", 260, 7_400, 6_600, 118_000, un="3480")
# IMDG Code: class of the UN numbers that this trade carries.
CLASSES = {"0012": "1.4S", "1170": "3", "3480": "9"}


def understated(bill: Bill) -> Bill:
    """The same bill as a dishonest declarant tells it: a twentieth of the value, a fifth of the mass left out."""
    goods = (replace(g, value=g.value // 20, gross=g.gross * 4 // 5, net=g.net * 4 // 5) for g in bill.goods)
    return replace(bill, goods=tuple(goods))


@dataclass(slots=True)
class Desk:
    """Makes voyages and declarations of one run."""

    refs: References
    owner: str = "SIM"
    _numbers: Iterator[str] = field(init=False)
    _chance: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self._chance = self.refs.chance("trade")
        self._numbers = containers(self.owner, self._chance.randrange(1_000_000))

    def voyage(
        self,
        eta: datetime,
        bills: int = 6,
        *,
        vessel: Identity = MAIN_SHIP,
        extra: Sequence[Bill] = (),
        stay: timedelta = timedelta(hours=8),
    ) -> Voyage:
        """A fresh voyage that arrives at `eta` (with zone); `extra` bills come first."""
        return Voyage(
            number=self.refs.next("S")[-9:],
            call=self.refs.next("SIMC"),
            manifest=self.refs.next("SIMM"),
            eta=eta,
            etd=eta + stay,
            bills=(*extra, *(self.bill() for _ in range(bills))),
            vessel=vessel,
        )

    def bill(self, goods: Goods | None = None, boxes: int = 0, consignee: Party | None = None) -> Bill:
        """A bill of lading of one kind of goods, in so many boxes (0: one or two)."""
        goods = goods or self._chance.choice((*ORDINARY, *ORDINARY, DANGEROUS, LITHIUM))
        count = boxes or self._chance.choice((1, 1, 2))
        return Bill(
            number=self.refs.next("SIMB"),
            consignor=next(party for party in _CONSIGNORS if party.country == goods.origin),
            consignee=consignee or self._chance.choice((TRADER, TRADER, *_CONSIGNEES)),
            loaded={"KR": "KRPUS", "DE": "DEHAM", "BR": "BRSSZ", "VN": "VNSGN"}[goods.origin],
            boxes=tuple(self.box(goods, count) for _ in range(count)),
            goods=(goods,),
        )

    def box(self, goods: Goods, among: int = 1) -> Box:
        """A box for some goods, one of so many that hold them in equal shares: refrigerated for meat, else a high cube."""
        size = "45R1" if goods.hs.startswith("02") else self._chance.choice(("45G1", "22G1"))
        return Box(next(self._numbers), size, f"SIM{self._chance.randrange(1_000_000):06d}", goods.gross // among + 3_900)
