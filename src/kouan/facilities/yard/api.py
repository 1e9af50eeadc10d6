"""What others may import of the yard."""

from kouan.facilities.yard.folding import Stay, Told, fold
from kouan.facilities.yard.lifecycle import ACKNOWLEDGED, OPEN
from kouan.facilities.yard.records import Instruction
from kouan.facilities.yard.service import INSTRUCTION, MOVE, complete, instructions, stays, told, voyage_of
from kouan.facilities.yard.store import balance, blocks, flows, landed, stays_of

__all__ = [
    "ACKNOWLEDGED", "INSTRUCTION", "MOVE", "OPEN", "Instruction", "Stay", "Told", "balance", "blocks", "complete", "flows", "fold",
    "instructions", "landed", "stays", "stays_of", "told", "voyage_of",
]  # fmt: skip
