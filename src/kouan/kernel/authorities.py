"""Whom the platform trusts to say who another system is: one TLS context for all that it calls, made once in a process.

A context of its own for each client costs 60 ms and would let clients differ in whom they trust.
"""

from __future__ import annotations

import functools
import ssl

import httpx


@functools.cache
def trusted() -> ssl.SSLContext:
    """How the certificate of a system that is called is checked: against the authorities of this machine (`SSL_CERT_FILE` and
    `SSL_CERT_DIR` name others, a port's own among them) and against the public ones, for a machine that has none."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context
