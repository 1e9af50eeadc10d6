"""One OpenID Connect provider, as a relying party sees it: discovery, code exchange, verified id_token.

OpenID Connect Core 1.0 (authorization code flow, 3.1.3.7), Discovery 1.0, PKCE (RFC 7636, S256). Only ES256 and RS256
are accepted: `none` and shared-secret algorithms never verify.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kouan.kernel import authorities, clock
from kouan.kernel.errors import NotSignedIn, Unavailable
from kouan.kernel.text import Text

ALGORITHMS = ("ES256", "RS256")
LEEWAY = 60  # seconds by which clocks may differ
OLDEST = 600  # seconds since the id_token was issued
KEEP = 3600.0  # seconds for which discovery and keys are kept
PAUSE = 10.0  # seconds between two fetches of keys because of an unknown one
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Claims(BaseModel):
    """Names of the claims that say of which organisation somebody is, in which roles, and under which name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    org: str = "org_code"
    roles: str = "roles"
    name: str = "name"


class Shown(BaseModel):
    """What the sign-in page calls the provider."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field("单一窗口账户登录", min_length=1)
    en: str = Field("Single window account", min_length=1)


class Config(BaseModel):
    """`oidc.json` of the data folder. `roles` maps the provider's role names to ours."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str
    client_id: str
    client_secret: str = ""
    redirect_uri: str
    scopes: tuple[str, ...] = ("openid", "profile")
    claims: Claims = Claims()
    roles: Mapping[str, str] = Field(default_factory=dict)
    title: Shown = Shown()


class BadConfig(ValueError):
    """`oidc.json` cannot be used; the text says why."""


def read_config(home: Path) -> Config | None:
    """The provider of a site, or None when it has none; BadConfig for a file that is wrong or readable by others."""
    path = home / "oidc.json"
    if not path.exists():
        return None
    if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadConfig(f"{path} may be read or written by others; make it 0600")
    try:
        config = Config.model_validate_json(path.read_bytes())
    except ValidationError as problem:
        raise BadConfig(f"{path}: {problem}") from None
    for address in (config.issuer, config.redirect_uri):
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
            raise BadConfig(f"{path}: {address} is not https")
    return config


def refused(en: str) -> NotSignedIn:
    """The provider's answer does not prove who signs in; the detail is for the audit."""
    reason = Text(
        "身份提供方的应答未通过验证，请重新登录", "The identity provider's answer did not verify; sign in again"
    )
    return NotSignedIn(reason, code="oidc_refused", rule=en)


def unreachable() -> Unavailable:
    """The provider does not answer."""
    reason = Text("身份提供方暂时没有应答，请稍后再试", "The identity provider does not answer now; try again later")
    return Unavailable(reason, retry_after=5)


def challenge(verifier: str) -> str:
    """The S256 challenge of a PKCE verifier."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


class Provider:
    """A configured provider. Its metadata and keys are fetched when first needed, and kept for an hour."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._metadata: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._read_at = self._keys_at = float("-inf")

    async def start(self, state: str, nonce: str, verifier: str) -> str:
        """The address at the provider to which the browser goes."""
        metadata = await self._discover()
        asked = {
            "response_type": "code", "client_id": self.config.client_id, "redirect_uri": self.config.redirect_uri,
            "scope": " ".join(self.config.scopes), "state": state, "nonce": nonce,
            "code_challenge": challenge(verifier), "code_challenge_method": "S256",
        }  # fmt: skip
        endpoint = str(metadata["authorization_endpoint"])
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    async def finish(self, code: str, verifier: str, nonce: str) -> dict[str, Any]:
        """The claims of the verified id_token that a code buys; NotSignedIn when anything about it is wrong."""
        metadata = await self._discover()
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.config.redirect_uri,
            "code_verifier": verifier, "client_id": self.config.client_id,
        }  # fmt: skip
        secret = self.config.client_secret
        auth = httpx.BasicAuth(self.config.client_id, secret) if secret else None
        answer = await _fetch("POST", str(metadata["token_endpoint"]), data=form, auth=auth)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise refused("the token endpoint gave no id_token")
        return await self._verify(token, nonce)

    async def _verify(self, token: str, nonce: str) -> dict[str, Any]:
        try:
            decoded = await self._decode(token)
            self._claims(decoded)
        except (JoseError, ValueError, TypeError) as problem:
            raise refused(f"id_token: {type(problem).__name__}") from None
        stated = decoded.get("nonce")
        if not isinstance(stated, str) or not hmac.compare_digest(stated.encode(), nonce.encode()):
            raise refused("id_token: nonce")
        return decoded

    async def _decode(self, token: str) -> dict[str, Any]:
        keys = await self._key_set(again=False)
        try:
            return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
        except InvalidKeyIdError:
            fresh = await self._key_set(again=True)
            return dict(jwt.decode(token, fresh, algorithms=ALGORITHMS).claims)

    def _claims(self, claims: dict[str, Any]) -> None:
        at = int(clock.now().timestamp())
        registry = jwt.JWTClaimsRegistry(
            now=at, leeway=LEEWAY,
            iss={"essential": True, "value": self.config.issuer},
            aud={"essential": True, "value": self.config.client_id},
            sub={"essential": True}, exp={"essential": True}, iat={"essential": True},
        )  # fmt: skip
        registry.validate(claims)
        audience = claims["aud"]
        if isinstance(audience, list) and len(audience) > 1 and claims.get("azp") != self.config.client_id:
            raise ValueError("azp")
        if claims["iat"] < at - OLDEST - LEEWAY:
            raise ValueError("iat")

    async def _discover(self) -> dict[str, Any]:
        at = clock.now().timestamp()
        if at - self._read_at > KEEP:
            issuer = self.config.issuer.rstrip("/")
            metadata = await _fetch("GET", f"{issuer}/.well-known/openid-configuration")
            if metadata.get("issuer") != self.config.issuer:
                raise refused("discovery: issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                _same_safety(self.config.issuer, metadata.get(name))
            self._metadata, self._read_at = metadata, at
        return self._metadata

    async def _key_set(self, *, again: bool) -> KeySet:
        at = clock.now().timestamp()
        age = at - self._keys_at
        if self._keys is None or age > KEEP or (again and age > PAUSE):
            stated = await _fetch("GET", str((await self._discover())["jwks_uri"]))
            usable = [
                k for k in stated.get("keys", ()) if k.get("kty") in ("EC", "RSA") and k.get("use", "sig") == "sig"
            ]
            self._keys, self._keys_at = KeySet.import_key_set({"keys": usable}), at
        return self._keys


def _same_safety(issuer: str, address: object) -> None:
    if not isinstance(address, str) or (issuer.startswith("https:") and not address.startswith("https:")):
        raise refused("discovery: endpoint")


async def _fetch(method: str, address: str, **more: Any) -> dict[str, Any]:
    # Connections are made anew: sign-ins are rare, and a pool would outlive the provider's change of address.
    async with httpx.AsyncClient(timeout=5.0, follow_redirects=False, trust_env=False, verify=authorities.trusted()) as client:
        try:
            answer = await client.request(method, address, headers={"accept": "application/json"}, **more)
        except httpx.HTTPError:
            raise unreachable() from None
    if answer.status_code >= 500:
        raise unreachable()
    if answer.status_code != 200:
        raise refused(f"{method} answered {answer.status_code}")
    try:
        body = answer.json()
    except ValueError:
        raise refused("an answer is not JSON") from None
    if not isinstance(body, dict):
        raise refused("an answer is not an object")
    return body
