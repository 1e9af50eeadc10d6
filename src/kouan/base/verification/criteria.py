"""The rules by which a receiving interface is judged. They are declared here once, told at a door, and named in each report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kouan.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Criterion:
    """One conformance rule: what is asked of the interface, and the standard that asks it."""

    code: str
    title: Text
    source: str

    def out(self) -> dict[str, Any]:
        """As the door tells it."""
        return {"code": self.code, "title": self.title.out(), "source": self.source}


CRITERIA: tuple[Criterion, ...] = (
    Criterion("IF-REACH", Text("接口可达", "The interface answers"), "RFC 9110"),
    Criterion("IF-STRUCTURE", Text("接受时返回含 reference 的 JSON 对象", "Acceptance is a JSON object with a reference"), "RFC 8259"),
    Criterion("IF-EXPECTED", Text("各用例结果与预期一致", "Each case ends as expected"), "HS/T 82 7.2.5 b) 10)"),
    Criterion("IF-IDEMPOTENT", Text("同一报文重复发送只受理一次", "A repeated message is taken once"), "Standard Webhooks 1.0"),
    Criterion("IF-SIGNATURE", Text("内容被改动的报文被拒绝", "A changed byte is refused"), "Standard Webhooks 1.0"),
    Criterion("IF-UNSIGNED", Text("未签名的报文被拒绝", "An unsigned message is refused"), "Standard Webhooks 1.0"),
    Criterion("IF-STALE", Text("过期的签名被拒绝", "An old signature is refused"), "Standard Webhooks 1.0"),
    Criterion("IF-ERROR", Text("错误以 problem+json 返回", "Errors are told as problem+json"), "RFC 9457"),
    Criterion("IF-TIME", Text("应答时间不超过约定", "Answers come within the time agreed"), "HS/T 82 7.2.5 b) 10)"),
)
BY_CODE = {one.code: one for one in CRITERIA}
