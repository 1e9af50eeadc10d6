"""The rows of the mission and the headlines of HS/T 82-2024, for the menu and the standard's matrix."""

from kouan.kernel.modules import Module, declare
from kouan.kernel.text import Text

MODULE = declare(Module(
    name="standards.clauses",
    title=Text("条款", "Clauses"),
    summary=Text("平台依据的标准条款和每项能力的验证方法",
                 "The clauses that the platform serves, and what shows each capability"),
    lasting=True,
    clauses=("12.1",),
))
