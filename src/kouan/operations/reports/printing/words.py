"""What is printed around the figures of a report, in both languages."""

from __future__ import annotations

from kouan.kernel.text import Text

FIGURE, PART, VALUE, COUNT, SOURCE = (
    Text("指标（单位）", "Figure (unit)"), Text("分项", "Part"), Text("数值", "Value"), Text("样本数", "Cases"), Text("来源", "Source"),
)  # fmt: skip
INDICATOR = Text("指标", "Figure")
COLUMNS = (FIGURE, PART, VALUE, COUNT, SOURCE)
UNIT, SINCE, UNTIL = Text("单位", "Unit"), Text("起", "From"), Text("止", "To")
DATA = Text("数据性质", "Kind of data")
SPAN = Text("统计期间：{since} 至 {until}", "Period: {since} to {until}")
TO = Text("接收单位：{to}", "Recipient: {to}")
MADE = Text("生成时间：{at}（{zone}），", "Made: {at} ({zone}), ")
CAUSE = {"schedule": Text("定时生成", "on schedule"), "demand": Text("即时生成", "on demand")}
SIMULATED = Text("〔含模拟数据〕", "[holds simulated data]")
REAL = Text("—", "–")
HOLDS = Text("本报表含模拟数据，不得作为真实统计使用。", "This report holds simulated data; it is no real statistic.")
NONE = Text("无数据", "no figure")
CLOSED = Text("不对本单位开放", "not open to this organisation")
FOOT = Text("第 {n} 页 · 口岸平台 Kouan", "Page {n} · Kouan")
CASES = Text(
    "样本数为数值所依据的记录数。数值为生成时的统计，此后补报或更正的记录不改变本报表。",
    "Cases are the records on which a figure rests. Figures are as counted when the report was made; later corrections do not change it.",
)


def said(text: Text, language: str) -> str:
    """A text in one language."""
    return text.zh if language == "zh" else text.en


def shown(value: float | None, digits: int) -> str:
    """A figure as it is printed; small ones never rounded to nought."""
    if value is None:
        return "-"
    if 0 < abs(value) < 10**-digits:
        return f"{value:.2g}"
    return f"{value:,.{digits}f}"
