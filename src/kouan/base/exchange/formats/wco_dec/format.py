"""WCO Data Model 3.6, DEC: a goods declaration in XML."""

from __future__ import annotations

from typing import ClassVar

from kouan.base.exchange.codecs import wco
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.wco_dec.amending import FUNCTIONS, change_of
from kouan.base.exchange.formats.wco_dec.mapping import data_of
from kouan.base.exchange.samples import bundled
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Draft, Format, Reading, Sample, Submission
from kouan.kernel.text import Text

RECORD = "base.declaration.declaration"
NO_REFERENCE = Text("缺少申报人编号（FunctionalReferenceID）", "The declarant's FunctionalReferenceID is missing")


class WcoDeclaration(Format):
    """One declaration is one submission."""

    code = "wco-dec"
    title = Text("WCO 报关单（XML）", "WCO declaration (XML)")
    standard = "WCO Data Model 3.6 DEC"
    records: ClassVar[tuple[str, ...]] = (RECORD,)
    media = "application/xml"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when it is no declaration. One for another office, or none, is marked as judged by structure only; one
        with function 13 or 14 changes a declaration that is kept."""
        try:
            declaration = wco.read(body)
        except CodecError as error:
            raise Refused.of(error.problems) from None
        if declaration.function_code in FUNCTIONS and (declaration.id.strip() or declaration.functional_reference.strip()):
            return Reading([change_of(declaration)])
        if not declaration.functional_reference.strip():
            raise Refused(NO_REFERENCE, field="FunctionalReferenceID", rule="WCO D026", code="wco.reference")
        elsewhere = declaration.office != office
        return Reading([Submission((Draft(RECORD, data_of(declaration), structure_only=elsewhere),))])

    def samples(self) -> tuple[Sample, ...]:
        """Declarations for goods of the demo port's own manifest."""
        return bundled("wco-dec-", self.title, RECORD)
