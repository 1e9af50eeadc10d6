"""What may be asked wrongly."""

from __future__ import annotations

from kouan.kernel.text import Text

NO_INDICATOR = Text("没有这个指标，或贵单位无权查看", "There is no such indicator, or it is not yours to read")
UNDIVIDED = Text("没有这个维度", "There is no such dimension")
FUTURE = Text("日期无效或尚未到来", "Not a day, or one that has not come")
CURSOR = Text("翻页游标无效", "This is not a cursor of this list")
