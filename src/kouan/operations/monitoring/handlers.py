"""What monitoring does about facts: whatever an indicator counts is counted anew when it changes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from kouan.kernel.handlers import Follower, Told
from kouan.kernel.indicators import Indicator
from kouan.kernel.port import Port
from kouan.kernel.text import Text
from kouan.kernel.words import every
from kouan.operations.monitoring import service


class Count(Follower):
    """Records that count for an indicator were filed, amended or acted on: each is counted once, as it stands now."""

    code = "operations.monitoring.count"
    title = Text("更新运行监测指标", "Keep the indicators' totals")
    settle = timedelta(seconds=3)
    """A declaration that is filed and released at once is counted once: as it stands at the first telling, which leaves
    nothing to be done at the second."""

    @classmethod
    def topics(cls) -> tuple[str, ...]:
        """Loaded figures, and whatever the indicators count."""
        counted = {topic for one in every(Indicator) if one.tally for topic in one.tally.topics()}
        return tuple(sorted({f"{service.FIGURE}:filed", f"{service.FIGURE}:amend", *counted}))

    async def follow(self, told: Sequence[Told], port: Port) -> None:
        """Count the records."""
        newest: dict[tuple[str, str], int] = {}
        for one in told:
            key = one.record, one.record_id
            newest[key] = max(newest.get(key, 0), one.version)
        for record in sorted({record for record, _ in newest}):
            versions = {record_id: version for (name, record_id), version in newest.items() if name == record}
            await service.count_told(port, record, versions)
