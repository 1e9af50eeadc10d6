"""What may be asked wrongly of subject domains."""

from __future__ import annotations

from kouan.kernel.text import Text

NO_MEASURE = Text("没有这个项目", "There is no such measure")
NO_DAY = Text("日期无效", "Not a day")
CURSOR = Text("翻页游标无效", "This is not a cursor of this list")
NO_NUMBER = Text("请给出IMO编号、航班号、车次、车牌或箱号", "Give an IMO number, flight, train, plate or container number")
NO_SHIPMENT = Text("没有贵单位可见的相关单证", "No paper of it that your organisation may see")
WHICH = Text("有多份订单为此编号，请指明：{refs}", "Several orders have this number; say which: {refs}")
NOBODY = Text("请按票查询，不按人员查询", "Ask for a shipment, not for a person")
NO_FIRM = Text("请给出统一社会信用代码", "Give a unified social credit code")
NO_SOURCE = Text("没有这类记录", "There is no such source")
NO_HS = Text("请给出6至10位税则号列", "Give a commodity code of 6 to 10 digits")
NO_MONTH = Text("月份无效，应如 2026-11", "Not a month; write 2026-11")
NO_DOCUMENT = Text("请提供证件（种类/签发国/号码）", "Give the document (kind/issuer/number)")
NO_PURPOSE = Text("查看完整记录须写明用途，至少4个字符", "The full record is read for a stated purpose, of four characters at least")
TOO_LOW = Text("您的数据级别只能查看脱敏后的资料", "Your clearance reaches the masked view only")
