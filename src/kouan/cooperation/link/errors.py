"""Why a message of a partner platform is not taken."""

from __future__ import annotations

from kouan.kernel.errors import Conflict, Denied, NotFound, NotSignedIn, Refused, TooLarge
from kouan.kernel.text import Text

MOST_BYTES = 1 << 20
UNSIGNED = Text(
    "签名与互联协定中登记的公钥不符，或时间相差过大", "The signature is not that of a pinned key of an agreement, or its time is too far off"
)


def unsigned() -> NotSignedIn:
    """No known partner signed this: one answer for strangers, forgeries and stale copies."""
    return NotSignedIn(UNSIGNED, rule="link:signature", code="link.signature")


def too_large() -> TooLarge:
    """A message over the limit."""
    return TooLarge(Text("互联报文不得超过 1 MiB", "A link message has at most 1 MiB"), rule="link:size", code="link.size")


def malformed(where: str, why: str) -> Refused:
    """A message that is no message."""
    return Refused(Text(f"报文结构不符：{where}", f"Not the structure of a link message: {why}"), field=where, rule="link:message",
                   code="link.message")  # fmt: skip


def no_agreement(number: str) -> Refused:
    """A signed message under no agreement of its sender."""
    return Refused(
        Text(f"没有与该平台的协定 {number}", f"There is no agreement {number} with this platform"), field="agreement", rule="link:agreement",
        code="link.agreement",
    )  # fmt: skip


def not_in_force(number: str) -> Refused:
    """A signed message under an agreement that is not, or no longer, in force."""
    return Refused(
        Text(f"协定 {number} 未生效或已终止", f"The agreement {number} is not in force"), field="agreement", rule="link:agreement",
        code="link.not_in_force",
    )  # fmt: skip


def not_agreed(record: str) -> Refused:
    """A record type that the agreement does not take."""
    return Refused(
        Text(f"协定未约定接收 {record}", f"The agreement takes no {record}"), field="record", rule="link:agreed", code="link.record"
    )


def beyond(names: list[str]) -> Refused:
    """Fields that the agreement does not take."""
    listed = ", ".join(names[:10])
    return Refused(
        Text(f"含协定之外的字段：{listed}", f"There are fields outside the agreement: {listed}"), field=f"content.{names[0]}",
        rule="link:agreed", code="link.fields",
    )  # fmt: skip


def terms_differ(paths: list[str]) -> Refused:
    """The partner signed other terms than stand here."""
    listed = ", ".join(paths[:10])
    return Refused(
        Text(f"双方登记的协定条款不一致：{listed}", f"The two sides' terms differ in: {listed}"), field=paths[0], rule="link:terms",
        code="link.terms",
    )  # fmt: skip


def no_proof() -> Refused:
    """An announcement of a key that the key does not prove, or that another key signed."""
    return Refused(
        Text("新公钥未能自证，或不是由其所替换的公钥公告", "The new key does not prove itself, or not the key that it follows announced it"),
        field="content", rule="link:rekey", code="link.rekey",
    )  # fmt: skip


def other_key() -> Refused:
    """A second key that would follow the same one."""
    return Refused(
        Text("该公钥已由另一公钥接替；请双方当面核对", "Another key follows this one already: verify by another way"), field="content.key",
        rule="link:rekey", code="link.rekeyed",
    )  # fmt: skip


def not_rotating() -> Conflict:
    """There is no key that would follow."""
    return Conflict(Text("没有正在更换的密钥", "No key is being changed"), rule="link:rekey", code="link.not_rotating")


def not_yours() -> Denied:
    """Keys are the port office's business."""
    return Denied(Text("互联密钥由口岸管理部门的业务人员更换", "Who works in the port office changes the keys of links"), rule="link:rekey")


def not_theirs() -> Denied:
    """Links are the authorities' business."""
    return Denied(Text("互联平台状态供主管部门查看", "How linked platforms do is for the authorities"), rule="link:partners")


def no_partner(name: str) -> NotFound:
    """The agreement's partner is no platform that is an organisation here."""
    return NotFound(
        Text(f"没有类别为互联平台的机构 {name}", f"There is no organisation {name} of the kind partner platform"), field="partner",
        code="link.no_partner",
    )  # fmt: skip
