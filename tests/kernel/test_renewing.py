"""Renewing: a draft takes the place of the filer's own record, with the rest of its submission or not at all."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

from kouan.kernel.errors import Conflict
from kouan.kernel.formats import Draft
from kouan.kernel.store.ops import Filed
from tests.kernel.harness import House, outcomes, who

THING = "test.store.thing"


def draft(number: str, *, renew: bool = True, version: int | None = None, **data: Any) -> Draft:
    return Draft(THING, {"number": number, **data}, renew=renew, version=version)


async def renew(house: House, *drafts: Draft, by: str = "trader") -> Filed:
    return await house.port.file(who(by), drafts)


async def test_what_is_kept_gets_a_version_and_what_is_new_is_filed(house: House) -> None:
    await renew(house, draft("A", text="one"), draft("B", text="one"))
    filed = await renew(house, draft("A", text="two"), draft("B", text="one"), draft("C"))
    assert [(k.data.number, k.version) for k in filed.kept] == [  # type: ignore[attr-defined]  # a test's own type
        ("A", 2), ("B", 1), ("C", 1),
    ]  # fmt: skip
    topics = await house.rows("select topic, version from event order by seq")
    told = [(r["topic"].rpartition(":")[2], r["version"]) for r in topics]
    assert told == [("filed", 1), ("filed", 1), ("amend", 2), ("filed", 1)]
    entries = await house.rows("select count(*) n from version where entry = $1", UUID(filed.receipt))
    assert entries[0]["n"] == 1


async def test_a_restated_submission_still_has_its_own_entry(house: House) -> None:
    await renew(house, draft("A", text="one"))
    filed = await renew(house, draft("A", text="one"))
    assert filed.kept[0].version == 2


@pytest.mark.parametrize("person", ["human:A", "human:B"])
async def test_sealed_fields_that_are_not_stated_stay(house: House, person: str) -> None:
    def dossier(**data: Any) -> Draft:
        return Draft("test.store.dossier", {"number": "D", **data}, renew=True)

    await renew(house, dossier(person="human:A", name="LI", code="K1", remark="one"), by="agent")
    kept = (await renew(house, dossier(person=person, code="K2", remark="two"), by="agent")).kept[0]
    shown = kept.data.model_dump()
    assert (kept.version, shown["remark"], shown["name"], shown["code"]) == (2, "two", "LI", "K2")
    sealed = (await house.rows("select sealed from r_test_store_dossier"))[0]["sealed"]
    assert set(sealed) == {"name", "code"}
    same = dossier(person=person, name="LI", remark="two")
    assert [k.version for k in (await renew(house, Draft(THING, {"number": "X"}), same, by="agent")).kept] == [1, 2]


async def test_nobody_renews_what_another_filed_and_nothing_of_it_is_kept(house: House) -> None:
    await house.port.file(who("trader"), [Draft("test.store.case", {"number": "C"})])
    with pytest.raises(Conflict) as refused:
        await renew(house, Draft(THING, {"number": "T"}), Draft("test.store.case", {"number": "C"}, renew=True), by="rival")
    assert refused.value.code == "natural_key_kept"
    assert (await house.rows("select count(*) n from r_test_store_thing"))[0]["n"] == 0


async def test_an_expected_version_must_be_the_one_that_is_kept(house: House) -> None:
    await renew(house, draft("A", version=0))
    with pytest.raises(Conflict) as stale:
        await renew(house, draft("B"), draft("A", text="x", version=0))
    assert stale.value.code == "stale_version"
    assert (await house.rows("select count(*) n from r_test_store_thing"))[0]["n"] == 1
    assert (await renew(house, draft("A", text="x", version=1))).kept[0].version == 2


async def test_the_same_key_twice_in_one_submission_is_refused(house: House) -> None:
    with pytest.raises(Conflict):
        await renew(house, draft("A"), draft("A", text="x"))


async def test_many_at_the_same_moment_come_one_after_another(house: House) -> None:
    done = await outcomes(*(renew(house, draft("A", text=f"t{n}"), draft(f"N{n}")) for n in range(20)))
    assert not [one for one in done if isinstance(one, BaseException)]
    one = "select id from r_test_store_thing where doc->>'number' = 'A'"
    versions = await house.rows(f"select version from version where record_id = ({one})")
    assert sorted(r["version"] for r in versions) == list(range(1, 21))


async def test_of_many_that_expect_one_version_one_succeeds(house: House) -> None:
    await renew(house, draft("A"))
    done = await outcomes(*(renew(house, draft("A", text=f"t{n}", version=1)) for n in range(10)))
    assert len([one for one in done if isinstance(one, Filed)]) == 1
    assert {one.code for one in done if isinstance(one, Conflict)} == {"stale_version"}


async def test_acts_and_renewals_of_one_record_wait_for_each_other(house: House) -> None:
    kept = (await renew(house, draft("A"))).kept[0]
    amended = kept.data.model_copy(update={"text": "by hand"})
    done = await asyncio.gather(
        *(renew(house, draft("A", text=f"t{n}")) for n in range(5)),
        *(house.port.amend(who("trader"), amended, kept.id, None, b"x") for _ in range(5)),  # type: ignore[arg-type]  # any version
        return_exceptions=True,
    )
    assert not [one for one in done if isinstance(one, BaseException)]
    assert (await house.rows("select version from r_test_store_thing"))[0]["version"] == 11
