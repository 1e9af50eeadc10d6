"""A small OpenID Connect provider in a process of its own, on loopback: `python provider.py PORTFILE`.

It signs people in by itself, as the `person` set through POST /as says, and can lie in named ways (`fault`), so
that the relying party is tested against answers that must not be believed. PKCE is checked by authlib.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import json
import secrets
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse, RedirectResponse
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey

CLIENT, SECRET = "kouan-port", "a client's secret"
CALLBACK = "http://127.0.0.1:8000/api/session/oidc/callback"

app = FastAPI()
keys: dict[str, Any] = {
    "ES256": ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"}),
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa-1", "use": "sig"}),
}
foreign = ECKey.generate_key("P-256", {"kid": "ec-1", "use": "sig"})
told: dict[str, Any] = {"person": {}, "fault": "", "alg": "ES256"}
codes: dict[str, dict[str, Any]] = {}
asked: list[str] = []


def issuer(request: Request) -> str:
    return str(request.base_url).rstrip("/")


@app.post("/as")
async def be(request: Request) -> dict[str, Any]:
    """Who signs in next, with which algorithm, and how the answer lies."""
    told.update({"person": {}, "fault": "", "alg": "ES256"} | await request.json())
    asked.clear()
    if told["fault"] == "rotated key":
        keys["ES256"] = ECKey.generate_key("P-256", {"kid": secrets.token_hex(4), "use": "sig"})
    return {"ok": True}


@app.get("/asked")
async def what_was_asked() -> list[str]:
    return asked


@app.get("/.well-known/openid-configuration")
async def discovery(request: Request) -> dict[str, Any]:
    asked.append("discovery")
    base = issuer(request)
    return {
        "issuer": "https://other.example" if told["fault"] == "issuer of discovery" else base,
        "authorization_endpoint": f"{base}/authorize",
        "token_endpoint": f"{base}/token",
        "jwks_uri": f"{base}/jwks",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256", "RS256"],
        "code_challenge_methods_supported": ["S256"],
    }


@app.get("/jwks")
async def jwks() -> Any:
    asked.append("jwks")
    return KeySet(list(keys.values())).as_dict(private=False)


@app.get("/authorize")
async def authorize(request: Request) -> Response:
    """Somebody is signed in already: the code goes straight back."""
    wanted = dict(request.query_params)
    if wanted.get("client_id") != CLIENT or wanted.get("redirect_uri") != CALLBACK:
        return JSONResponse({"error": "invalid_request"}, 400)
    assert wanted["response_type"] == "code"
    assert wanted["code_challenge_method"] == "S256"
    assert "openid" in wanted["scope"].split()
    if told["fault"] == "denied":
        return RedirectResponse(f"{CALLBACK}?error=access_denied&state={wanted['state']}", 302)
    code = secrets.token_urlsafe(24)
    codes[code] = wanted
    return RedirectResponse(f"{CALLBACK}?code={code}&state={wanted['state']}", 302)


@app.post("/token")
async def token(request: Request) -> Response:
    stated = {name: values[0] for name, values in parse_qs((await request.body()).decode()).items()}
    wanted = codes.pop(stated.get("code", ""), None)
    fitting = wanted and stated["redirect_uri"] == CALLBACK and stated["grant_type"] == "authorization_code"
    if not fitting or create_s256_code_challenge(stated["code_verifier"]) != wanted["code_challenge"]:
        return JSONResponse({"error": "invalid_grant"}, 400)
    from_client = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
    if request.headers.get("authorization") != f"Basic {from_client}":
        return JSONResponse({"error": "invalid_client"}, 401)
    if told["fault"] == "token endpoint down":
        return JSONResponse({"error": "server_error"}, 502)
    answer = {"access_token": secrets.token_hex(8), "token_type": "Bearer", "id_token": id_token(request, wanted)}
    if told["fault"] == "no id_token":
        del answer["id_token"]
    return JSONResponse(answer)


def id_token(request: Request, wanted: dict[str, Any]) -> str:
    at, fault, alg = int(time.time()), told["fault"], told["alg"]
    claims: dict[str, Any] = {
        "iss": issuer(request), "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": wanted["nonce"], **told["person"],
    }  # fmt: skip
    claims |= {
        "wrong issuer": {"iss": "https://other.example"},
        "wrong audience": {"aud": "another-client"},
        "audience of two without azp": {"aud": [CLIENT, "another-client"]},
        "expired": {"iat": at - 900, "exp": at - 600},
        "issued in the future": {"iat": at + 600},
        "stale": {"iat": at - 7200},
        "bad nonce": {"nonce": secrets.token_hex(16)},
    }.get(fault, {})
    for claim in ("nonce", "exp", "iat", "aud", "iss", "sub"):
        if fault == f"no {claim}":
            del claims[claim]
    if fault == "alg none":
        return jwt.encode({"alg": "none"}, claims, OctKey.import_key("x"), algorithms=["none"])
    if fault == "shared secret":
        return by_public_key(claims)  # joserfc refuses to make such a token, an attacker does not
    key = foreign if fault == "foreign key" else keys[alg]
    made = jwt.encode({"alg": alg, "kid": "unknown" if fault == "unknown key" else key.kid}, claims, key)
    if fault == "bad signature":
        head, body, mark = made.split(".")
        return f"{head}.{body}.{mark[:-6] + ('A' * 6 if mark[-6:] != 'A' * 6 else 'B' * 6)}"
    if fault == "changed claims":
        head, body, mark = made.split(".")
        forged = jws.serialize_compact({"alg": alg}, json.dumps(claims | {"sub": "admin"}), foreign)
        return f"{head}.{forged.split('.')[1]}.{mark}"
    return "not.a.token" if fault == "no token at all" else made


def by_public_key(claims: dict[str, Any]) -> str:
    """HS256 with the bytes of our public RSA key as shared secret."""
    head = json.dumps({"alg": "HS256", "kid": "rsa-1"})
    parts = [base64.urlsafe_b64encode(part.encode()).rstrip(b"=") for part in (head, json.dumps(claims))]
    mark = hmac.digest(keys["RS256"].as_pem(private=False), b".".join(parts), "sha256")
    return b".".join((*parts, base64.urlsafe_b64encode(mark).rstrip(b"="))).decode()


async def serve(tell: Callable[[str], object]) -> None:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", lifespan="off"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    tell(str(server.servers[0].sockets[0].getsockname()[1]))
    await task


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]).write_text))
