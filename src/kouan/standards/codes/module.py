"""Code lists of international trade with sources and validity dates."""

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(Module(
    name="standards.codes",
    title=Text("代码表", "Code lists"),
    summary=Text("国家、货币、单位、包装、地点、商品编码、危险货物等代码，注明来源和版本",
                 "Countries, currencies, units, packages, places, HS, dangerous goods, with source and edition"),
    lasting=True,
    clauses=("12.2", "7.2.3"),
))
