"""An interface's key, its verification, and the report on it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from kouan.base.exchange.api import signing
from kouan.base.push.api import Outward
from kouan.base.verification.checking import Verification
from kouan.base.verification.records import Interface, Report
from kouan.kernel.clock import now
from kouan.kernel.errors import Conflict, Denied
from kouan.kernel.formats import Draft
from kouan.kernel.port import Port
from kouan.kernel.principal import PLATFORM, Principal
from kouan.kernel.text import Text

INTERFACE, REPORT = Interface.facts.name, Report.facts.name
OUTWARD = "base.verification.outward"
NOT_YOURS = Text("只有提交接口的单位可以查看其密钥", "Only the organisation that submitted the interface sees its key")


def _key(port: Port, interface: str) -> bytes:
    """An interface's signing key: derived, so that none is kept."""
    return port.vault.blind("verification.key/1", interface) + port.vault.blind("verification.key/2", interface)


async def key_of(port: Port, who: Principal, interface: UUID) -> str:
    """The key as its owner enters it in the service (`whsec_…`). Raises NotFound or Denied."""
    kept = await port.get(who, INTERFACE, interface)
    if kept.filed_by != who.org or not who.writes:
        raise Denied(NOT_YOURS, rule="filer")
    return signing.written(_key(port, kept.id))


async def verify(port: Port, interface: str, run: int) -> None:
    """Verify an interface and report on it; a run that was reported on is not repeated."""
    kept = await port.get(PLATFORM, INTERFACE, interface)
    if kept.state != "verifying" or not isinstance(kept.data, Interface):
        return
    before = await port.find(PLATFORM, REPORT, key=f"{kept.ref}|{run}")
    if before:
        await _conclude(port, kept.id, before[0].ref, bool(getattr(before[0].data, "passed", False)))
        return
    outward: Outward = port.extras.get(OUTWARD) or Outward()
    port.extras[OUTWARD] = outward
    findings = await Verification(kept.data, _key(port, kept.id), outward).run()
    failed = sum(not one.passed for one in findings)
    data: dict[str, Any] = {
        "interface": kept.ref, "owner": f"org:{kept.filer}", "run": run, "address": kept.data.address, "at": now(),
        "passed": not failed, "failed": failed, "findings": [one.model_dump() for one in findings],
    }  # fmt: skip
    filed = await port.file(PLATFORM, [Draft(REPORT, data)])
    await _conclude(port, kept.id, filed.kept[0].ref, not failed)


async def _conclude(port: Port, interface: str, report: str, passed: bool) -> None:
    try:
        await port.act(PLATFORM, INTERFACE, interface, "pass" if passed else "fail", changes={"report": report})
    except Conflict:
        return  # another worker was there first
