"""A goods declaration in neutral terms: masses in kg, volumes in m³, times aware, codes as sent."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

TRANSPORT_DOCUMENTS = frozenset((
    "700", "703", "704", "705", "706", "707", "708", "709", "710", "711", "712", "714", "716", "720", "722", "730",
    "740", "741", "743", "750", "760", "761", "763", "765", "766",
))
"""Document names (UNTDID 1001) of bills of lading, waybills and consignment notes."""


class Amount(NamedTuple):
    """Money. `currency` is ISO 4217, "" where not stated."""

    value: Decimal
    currency: str = ""


class Address(NamedTuple):
    """A postal address."""

    line: str = ""
    city: str = ""
    postcode: str = ""
    country: str = ""
    subdivision: str = ""
    subdivision_name: str = ""


class Party(NamedTuple):
    """Someone in a role, by identifier or by name and address. `status` is the agent's kind of representation."""

    id: str = ""
    name: str = ""
    address: Address | None = None
    status: str = ""


class Role(NamedTuple):
    """An identifier with a role or category code: authorisation holders, duty parties, mutual recognition."""

    id: str
    code: str = ""


class Document(NamedTuple):
    """A document: `category` and `type` together name its kind (N 705: bill of lading).

    `written_off`: the quantity that the goods take of a licence, in `unit` (WriteOff).
    """

    id: str
    type: str = ""
    category: str = ""
    line: int | None = None
    name: str = ""
    status: str = ""
    written_off: Decimal | None = None
    unit: str = ""

    @property
    def is_transport(self) -> bool:
        """Whether it is a contract of carriage."""
        return self.type in TRANSPORT_DOCUMENTS


class Statement(NamedTuple):
    """AdditionalInformation."""

    code: str = ""
    text: str = ""
    type: str = ""


class Classification(NamedTuple):
    """A commodity code with its kind (TSP combined nomenclature, TRC TARIC, GN national, HS …)."""

    id: str
    type: str = ""


class Origin(NamedTuple):
    """Where goods come from: non-preferential (1), preferential (2)."""

    country: str
    type: str = ""
    region: str = ""


class Procedure(NamedTuple):
    """Requested and previous procedure; the additional ones have no previous."""

    current: str = ""
    previous: str = ""


class Package(NamedTuple):
    """Packages of one kind and mark."""

    sequence: int
    quantity: int | None = None
    type: str = ""
    marks: str = ""
    volume_m3: Decimal | None = None


class Duty(NamedTuple):
    """A duty, tax or fee as declared."""

    type: str = ""
    regime: str = ""
    method: str = ""
    quota: str = ""
    rate: Decimal | None = None
    assessed: Amount | None = None
    payable: Amount | None = None


class Item(NamedTuple):
    """One goods item."""

    sequence: int
    description: str = ""
    classifications: tuple[Classification, ...] = ()
    un_numbers: tuple[str, ...] = ()
    origins: tuple[Origin, ...] = ()
    gross_kg: Decimal | None = None
    net_kg: Decimal | None = None
    supplementary: Decimal | None = None
    supplementary_unit: str = ""
    invoice: Amount | None = None
    customs_value: Amount | None = None
    statistical_value: Amount | None = None
    valuation_method: str = ""
    packages: tuple[Package, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    documents: tuple[Document, ...] = ()
    previous_documents: tuple[Document, ...] = ()
    statements: tuple[Statement, ...] = ()
    duties: tuple[Duty, ...] = ()
    containers: tuple[str, ...] = ()
    consignor: Party | None = None
    consignee: Party | None = None
    buyer: Party | None = None
    seller: Party | None = None
    destination: str = ""
    export_country: str = ""
    transaction_nature: str = ""
    ucr: str = ""
    trader_reference: str = ""

    @property
    def commodity(self) -> str:
        """The longest plain number that classifies the goods: HS heading to national subheading."""
        numbers = [c.id for c in self.classifications if c.id.isdigit() and len(c.id) >= 4]
        return max(numbers, key=len, default="")

    @property
    def origin(self) -> str:
        """The non-preferential origin, or else the first stated."""
        first = next((o for o in self.origins if o.type in ("", "1")), None)
        return (first or self.origins[0]).country if self.origins else ""

    @property
    def value(self) -> Amount | None:
        """The invoice line's amount, or else customs or statistical value."""
        return self.invoice or self.customs_value or self.statistical_value

    @property
    def quantity(self) -> int | None:
        """Packages in all; None where none are stated."""
        stated = [p.quantity for p in self.packages if p.quantity is not None]
        return sum(stated) if stated else None


class Transport(NamedTuple):
    """A means of transport: mode 1 sea, 2 rail, 3 road, 4 air …; `id_type` 10 is an IMO number, 11 a ship's name."""

    id: str = ""
    id_type: str = ""
    name: str = ""
    type: str = ""
    nationality: str = ""
    mode: str = ""


class Container(NamedTuple):
    """TransportEquipment of the consignment."""

    sequence: int
    id: str = ""
    seals: tuple[str, ...] = ()


class Location(NamedTuple):
    """Where the goods may be examined, or are loaded."""

    name: str = ""
    id: str = ""
    type: str = ""
    qualifier: str = ""
    country: str = ""


class Terms(NamedTuple):
    """Terms of delivery (Incoterms)."""

    condition: str = ""
    location: str = ""
    location_name: str = ""


class Guarantee(NamedTuple):
    """A guarantee or its waiver."""

    id: str = ""
    reference: str = ""
    type: str = ""
    amount: Amount | None = None


class Change(NamedTuple):
    """A pointer of an amendment or statement: path of (section, sequence), and the element's tag."""

    reason: str = ""
    pointers: tuple[tuple[int | None, str, str], ...] = ()


class GoodsDeclaration(NamedTuple):
    """A declaration of goods for import, export or transit. `function_code`: 9 original, 13 request to change or
    (type INV) invalidate what was declared, 14 cancellation."""

    function_code: str
    functional_reference: str = ""
    id: str = ""
    type_code: str = ""
    issued: datetime | None = None
    accepted: datetime | None = None
    declaration_office: str = ""
    presentation_office: str = ""
    supervising_office: str = ""
    exit_office: str = ""
    submitter: Party | None = None
    declarant: Party | None = None
    agent: Party | None = None
    importer: Party | None = None
    exporter: Party | None = None
    consignor: Party | None = None
    consignee: Party | None = None
    buyer: Party | None = None
    seller: Party | None = None
    items: tuple[Item, ...] = ()
    containers: tuple[Container, ...] = ()
    documents: tuple[Document, ...] = ()
    previous_documents: tuple[Document, ...] = ()
    statements: tuple[Statement, ...] = ()
    changes: tuple[Change, ...] = ()
    authorisations: tuple[Role, ...] = ()
    border_transport: Transport | None = None
    arrival_transport: Transport | None = None
    departure_transport: Transport | None = None
    carrier: Party | None = None
    goods_location: Location | None = None
    loading_location: Location | None = None
    containerised: bool | None = None
    destination: str = ""
    export_country: str = ""
    transaction_nature: str = ""
    invoice: Amount | None = None
    invoice_id: str = ""
    freight: Amount | None = None
    terms: Terms | None = None
    guarantees: tuple[Guarantee, ...] = ()
    rates: tuple[tuple[str, Decimal], ...] = ()
    total_packages: int | None = None
    total_gross_kg: Decimal | None = None
    total_items: int | None = None
    ucr: str = ""
    trader_reference: str = ""
    warehouse: Role | None = None

    @property
    def office(self) -> str:
        """The office of declaration; where none is named, that of presentation, then of supervision."""
        return self.declaration_office or self.presentation_office or self.supervising_office

    @property
    def transport_documents(self) -> tuple[Document, ...]:
        """Bills and waybills, wherever the declaration names them, each once."""
        named = [*self.previous_documents, *self.documents]
        for item in self.items:
            named += (*item.previous_documents, *item.documents)
        found: dict[tuple[str, str], Document] = {}
        for document in named:
            if document.is_transport and document.id:
                found.setdefault((document.type, document.id), document)
        return tuple(found.values())

    @property
    def bills(self) -> tuple[str, ...]:
        """The numbers of the transport documents, each once."""
        return tuple(dict.fromkeys(d.id for d in self.transport_documents))

    @property
    def container_ids(self) -> tuple[str, ...]:
        """The containers, of the consignment and of its items, each once."""
        own = [c.id for c in self.containers if c.id]
        return tuple(dict.fromkeys([*own, *(c for item in self.items for c in item.containers)]))
