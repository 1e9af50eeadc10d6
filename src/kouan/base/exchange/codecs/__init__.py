"""Codecs of external messages: bytes in, neutral frozen dataclasses or structured problems out, and back.

Pure: no database, no network, no records. Each folder is one standard; `problem` is what all of them raise.
"""
