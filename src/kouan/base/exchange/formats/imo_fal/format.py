"""IMO FAL general declaration with its lists: one port call, the persons aboard, and what is filed beside it."""

from __future__ import annotations

from typing import ClassVar

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.imo_fal.mapping import CALL, RECORDS, submission_of
from kouan.base.exchange.samples import bundled
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Format, Reading, Sample
from kouan.kernel.text import Text


class ImoFal(Format):
    """One notice is one submission: the call, everybody aboard and all lists stand or fall together; a later one amends."""

    code = "imo-fal"
    title = Text("IMO FAL 船舶申报（JSON）", "IMO FAL declaration (JSON)")
    standard = "IMO FAL Convention; IMO Compendium; ISO 28005-2"
    records: ClassVar[tuple[str, ...]] = RECORDS
    media = "application/json"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when it is no notice, or contradicts itself."""
        try:
            notice = fal.read(body)
        except CodecError as error:
            raise Refused.of(error.problems) from None
        return Reading([submission_of(notice)])

    def samples(self) -> tuple[Sample, ...]:
        """Notices of the demo port's own ship."""
        return bundled("fal-", self.title, CALL)
