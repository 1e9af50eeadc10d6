"""IMO FAL general declaration with its lists: one port call and the persons aboard."""

from __future__ import annotations

from typing import ClassVar

from kouan.base.exchange.codecs import fal
from kouan.base.exchange.codecs.problem import CodecError
from kouan.base.exchange.formats.imo_fal.mapping import CALL, PERSON, drafts_of
from kouan.base.exchange.samples import bundled
from kouan.kernel.errors import Refused
from kouan.kernel.formats import Format, Reading, Sample, Submission
from kouan.kernel.text import Text


class ImoFal(Format):
    """One notice is one submission: the call and everybody aboard stand or fall together."""

    code = "imo-fal"
    title = Text("IMO FAL 船舶申报(JSON)", "IMO FAL declaration (JSON)")
    standard = "IMO FAL Convention; IMO Compendium; ISO 28005-2"
    records: ClassVar[tuple[str, ...]] = (CALL, PERSON)
    media = "application/json"

    def read(self, body: bytes, *, record: str, office: str) -> Reading:
        """Refused when it is no notice, or contradicts itself."""
        try:
            notice = fal.read(body)
        except CodecError as error:
            raise Refused.of(error.problems) from None
        return Reading([Submission(drafts_of(notice))])

    def samples(self) -> tuple[Sample, ...]:
        """Notices of the demo port's own ship."""
        return bundled("fal-", self.title, CALL)
