"""Checks of identifiers with check digits and repair suggestions, for every form, message and gate."""

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(Module(
    name="standards.identifiers",
    title=Text("标识校验", "Identifier checks"),
    summary=Text("集装箱号、船舶识别号、地点代码、统一社会信用代码和号牌的校验与修正建议",
                 "Checks and repairs of container numbers, ship numbers, place codes, credit codes and plates"),
    lasting=True,
    clauses=("12.2",),
))
