"""What is said of manifests when they are filed: identifiers that fail their check are kept with a warning."""

from __future__ import annotations

from kouan.base.manifest.records import Consignment, Manifest, RailManifest
from kouan.base.reference.api import doubts
from kouan.kernel.records import Record
from kouan.kernel.rules import Found, Rule, Unmet
from kouan.kernel.text import Text

MORE = Text("{reason}（共 {count} 处）", "{reason} ({count} places in all)")


class _Identifiers(Rule):
    """A carrier reports what stands on the boxes; a wrong digit is told, not refused (ISO 6346; HS/T 82 7.2.1 a) 1))."""

    abstract = True
    at = "filing"
    title = Text("标识校验", "Check of identifiers")
    clause = "ISO 6346"
    severity = "warn"
    owner = "carrier"

    def judge(self, record: Record, found: Found) -> Unmet | None:
        """Warns of the first identifier that fails its check, and of how many there are."""
        wrong = list(doubts(record))
        if not wrong:
            return None
        field, ref, reason = wrong[0]
        if len(wrong) > 1:
            zh, en = reason.zh, reason.en
            reason = Text(MORE.zh.format(reason=zh, count=len(wrong)), MORE.en.format(reason=en, count=len(wrong)))
        return Unmet(reason, field, ref)


class ConsignmentIdentifiers(_Identifiers):
    """Containers of a consignment."""

    code = "MAN-CONSIGNMENT-IDENTIFIERS"
    of = Consignment.facts.name


class ManifestIdentifiers(_Identifiers):
    """The ship of a manifest."""

    code = "MAN-IDENTIFIERS"
    of = Manifest.facts.name


class RailIdentifiers(_Identifiers):
    """Containers and wagon of a rail manifest."""

    code = "RAIL-IDENTIFIERS"
    of = RailManifest.facts.name
