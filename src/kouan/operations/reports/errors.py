"""What may be asked wrongly of reports."""

from __future__ import annotations

from kouan.kernel.text import Text

NO_WRITER = Text("您的角色不能生成报表", "Your role does not make reports")
FUTURE = Text("截止日无效或尚未结束", "Not a day, or one that is not over yet")
NO_FORMAT = Text("这份报表未定义此格式", "This report is not defined in that format")
MANY = Text("报表超过 {most} 行，请缩短周期或减少划分", "The report has more than {most} figures: shorten the period or divide it less")
