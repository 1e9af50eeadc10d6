"""What a password, a set of roles, a clearance and a name must be. Pure; a reason in both languages when not."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from kouan.base.identity.records import AUTHORITIES
from kouan.kernel.principal import ADMINS, ROLES
from kouan.kernel.text import Text

SHORTEST, LONGEST = 12, 256
DIFFERENT = 5
_WORDS = """
password passwort passw0rd admin administrator root toor guest user welcome letmein login default secret
changeme master monkey dragon sunshine princess football baseball superman batman iloveyou trustno
qwerty qwertyuiop asdfgh asdfghjkl zxcvbn zxcvbnm qazwsx qwer asdf abc abcd abcde abcdef test testing
demo sample temp system server database oracle postgres mysql security access manager office company
computer internet network windows huawei hello world china beijing shanghai qingdao tianjin shenzhen
ningbo woaini woaizhongguo mima nihao zhongguo haiguan kouan gangkou customs border maritime transport
portoffice terminal carrier agent trader trucker port harbour harbor container officer clerk operator
viewer jan feb mar apr may jun jul aug sep oct nov dec spring summer autumn winter january february
march april june july august september october november december monday tuesday wednesday thursday
friday saturday sunday
"""
COMMON = frozenset(_WORDS.split())
"""Words of which a password may not consist, whatever digits and signs stand around them; drawn up by us."""

_LEET = str.maketrans("@4831!0$57", "aabeiiosst")
_ROWS = ("01234567890", "abcdefghijklmnopqrstuvwxyz", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn")
_SLUG = re.compile(r"[a-z][a-z0-9-]{1,31}")
_NAME = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_CODE = re.compile(r"[0-9A-Z]{4,18}")


def normal(password: str) -> str:
    """The form that is hashed: the same characters typed on another keyboard are the same password (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def password_problem(password: str, known: Iterable[str] = ()) -> Text | None:
    """Why a new password is refused, or None. `known`: names that it may not be made of (account, organisation)."""
    text = normal(password)
    if len(text) < SHORTEST:
        return Text(f"密码至少 {SHORTEST} 个字符", f"A password has at least {SHORTEST} characters")
    if len(text) > LONGEST:
        return Text(f"密码至多 {LONGEST} 个字符", f"A password has at most {LONGEST} characters")
    if len(set(text.lower())) < DIFFERENT or _walks(text.lower()):
        return Text("密码过于简单：请勿使用重复或连续的字符", "Too simple: avoid repeated or consecutive characters")
    if _made_of(text, COMMON | _parts(known)):
        return Text(
            "密码过于常见：请勿仅由常用词、数字或本人名称组成",
            "Too common: not of usual words, digits or your own names alone",
        )
    return None


def _parts(names: Iterable[str]) -> set[str]:
    """The words of names, and each name as one word, from three letters on."""
    found = {
        part for name in names for part in (*re.split(r"[^a-z]+", name.lower()), re.sub(r"[^a-z]", "", name.lower()))
    }
    return {part for part in found if len(part) > 2}


def _walks(text: str) -> bool:
    """Whether most of it walks along the alphabet, the digits or a row of the keyboard."""
    pairs = [text[n : n + 2] for n in range(len(text) - 1)]
    steps = sum(any(pair in row or pair[::-1] in row for row in _ROWS) for pair in pairs)
    return steps * 4 >= len(pairs) * 3


def _made_of(text: str, words: Collection[str]) -> bool:
    low = text.lower()
    bare = re.sub(r"^[^a-z]+|[^a-z]+$", "", low)
    forms = {re.sub(r"[^a-z]", "", form) for form in (low, low.translate(_LEET), bare.translate(_LEET))}
    return any(_splits(form, words) for form in forms) or not (bare or _foreign(text))


def _foreign(text: str) -> bool:
    return any(ord(char) > 127 for char in text)


def _splits(text: str, words: Collection[str]) -> bool:
    """Whether letters are nothing but words of a list, one after the other."""
    reached = {0}
    for end in range(1, len(text) + 1):
        if any(text[start:end] in words for start in reached):
            reached.add(end)
    return len(text) > 0 and len(text) in reached


def separated(roles: Collection[str]) -> bool:
    """Whether the three administrators stay apart: one of them alone, or none (GB/T 22239 8.1.5)."""
    return not ADMINS.intersection(roles) or len(set(roles)) == 1


def roles_problem(roles: Collection[str], kind: str) -> Text | None:
    """Why an account of a kind of organisation may not hold these roles, or None."""
    strange = sorted(set(roles) - set(ROLES))
    if strange:
        return Text(f"没有这样的角色：{'、'.join(strange)}", f"There is no such role: {', '.join(strange)}")
    if "officer" in roles and kind not in AUTHORITIES:
        return Text("只有主管机关的账户可任执法或管理人员", "Only an authority's account can be an officer")
    return None


def default_clearance(roles: Collection[str]) -> int:
    """The level up to which roles read when nothing else was granted; level 4 never comes by itself."""
    if "security-admin" in roles:
        return 1
    return 3 if "officer" in roles else 2


def slug_problem(slug: str) -> Text | None:
    """Why a text cannot be an organisation's short name, or None."""
    if _SLUG.fullmatch(slug):
        return None
    return Text(
        "简称为 2 至 32 个小写字母、数字或连字符，以字母开头",
        "A short name is 2 to 32 of a-z, 0-9 and -, a letter first",
    )


def name_problem(name: str) -> Text | None:
    """Why a text cannot be an account's name, or None."""
    if _NAME.fullmatch(name):
        return None
    return Text("用户名为 2 至 64 个小写字母、数字或 . _ @ -", "A user name is 2 to 64 of a-z, 0-9 and . _ @ -")


def code_problem(code: str) -> Text | None:
    """Why a text cannot be an organisation's code (统一社会信用代码 or agency code), or None."""
    if _CODE.fullmatch(code):
        return None
    return Text("代码为 4 至 18 个数字或大写字母", "A code is 4 to 18 digits or capital letters")
