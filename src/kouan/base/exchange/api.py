"""What others may import of the exchange: the base of connectors, the courier, and writers of sheets."""

from kouan.base.exchange.codecs.chinese import seems_chinese
from kouan.base.exchange.codecs.edifact.container import Envelope
from kouan.base.exchange.codecs.problem import CodecError as SheetUnreadable
from kouan.base.exchange.codecs.sheet import to_csv, to_xlsx
from kouan.base.exchange.codecs.sheet.csv_reader import delimiter_of
from kouan.base.exchange.codecs.sheet.xlsx_reader import merged_cells as sheet_cells
from kouan.base.exchange.codecs.sheet.xlsx_reader import sheets as sheet_names
from kouan.base.exchange.connectors import Courier, courier_of
from kouan.base.exchange.drafts import settled
from kouan.base.exchange.formats.edifact.format import messages_of as edifact_parts
from kouan.base.exchange.formats.edifact.outgoing import write_moves
from kouan.base.exchange.party import HttpParty, Party, PartyAway, PartyRefused
from kouan.base.exchange.records import MEASURES, OUTCOMES, Instruction
from kouan.base.exchange.service import signing
from kouan.base.exchange.service.mentions import look as look_in_quarantine
from kouan.base.exchange.service.parties import address_of, is_local, reach
from kouan.base.exchange.service.subsets import Content, Wanted, contents
from kouan.base.exchange.service.told import Receipt, receipts
from kouan.base.exchange.sheets import cell

__all__ = [
    "MEASURES", "OUTCOMES", "Content", "Courier", "Envelope", "HttpParty", "Instruction", "Party", "PartyAway", "PartyRefused", "Receipt",
    "SheetUnreadable", "Wanted", "address_of", "cell", "contents", "courier_of", "delimiter_of", "edifact_parts", "is_local",
    "look_in_quarantine", "reach", "receipts", "seems_chinese", "settled", "sheet_cells", "sheet_names", "signing", "to_csv", "to_xlsx",
    "write_moves",
]
