"""Spreadsheets: CSV and XLSX to rows by field, and back."""

from kouan.base.exchange.codecs.sheet.csv_reader import read_csv
from kouan.base.exchange.codecs.sheet.header import Columns, Row, Value
from kouan.base.exchange.codecs.sheet.writer import guarded, to_csv, to_xlsx
from kouan.base.exchange.codecs.sheet.xlsx_reader import read_xlsx

__all__ = ["Columns", "Row", "Value", "guarded", "read_csv", "read_xlsx", "to_csv", "to_xlsx"]
