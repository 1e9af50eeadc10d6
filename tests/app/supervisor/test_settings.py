"""What the environment says, the choice of ports, and what is printed."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from kouan.app.commands import process
from kouan.app.supervisor import announce, api, settings
from kouan.app.supervisor.group import ITS_OWN
from kouan.app.supervisor.logs import LIMIT, Log
from kouan.app.supervisor.settings import Plan
from kouan.app.supervisor.trouble import Trouble


def test_a_plan_is_read_from_the_environment(tmp_path: Path) -> None:
    plan = Plan.read({"KOUAN_HOME": str(tmp_path), "KOUAN_PORT": "8123", "KOUAN_HEADLESS": "1"})
    assert (plan.home, plan.port, plan.nmea_port, plan.headless, plan.local) == (tmp_path, 8123, None, True, True)
    assert not Plan.read({"KOUAN_BIND": "192.0.2.1"}).local


@pytest.mark.parametrize("stated", ["http", "-1", "65536", "8000.5"])
def test_a_port_that_is_no_number_is_refused(stated: str) -> None:
    with pytest.raises(Trouble, match="KOUAN_PORT"):
        Plan.read({"KOUAN_PORT": stated})


def test_ports_are_free_differ_and_come_again(tmp_path: Path) -> None:
    plan = Plan(tmp_path)
    plan.run.mkdir()
    ports = settings.choose_ports(plan)
    assert len({ports.http, ports.nmea, ports.mqtt, ports.nats}) == 4
    settings.write_ports(plan, ports)
    assert settings.choose_ports(plan) == ports
    with socket.create_server(("127.0.0.1", ports.nmea)):
        assert settings.choose_ports(plan).nmea != ports.nmea


def test_ports_are_none_that_the_system_lends_to_outgoing_connections(tmp_path: Path) -> None:
    least = int(settings.LENT.read_text().split()[0])
    ports = settings.choose_ports(Plan(tmp_path, port=None))
    assert max(port for port in asdict(ports).values()) < least


def test_where_no_port_stands_below_those_that_are_lent_any_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lent").write_text("1024\t65535\n")
    for told in (tmp_path / "lent", tmp_path / "none"):
        monkeypatch.setattr(settings, "LENT", told)
        assert settings.choose_ports(Plan(tmp_path)).radar > 0


def test_somebody_elses_stream_needs_no_ports(tmp_path: Path) -> None:
    ports = settings.choose_ports(Plan(tmp_path, nats_url="nats://127.0.0.1:4222"))
    assert (ports.nats, ports.mqtt) == (0, 0)


def test_sign_ins_stand_one_to_a_line(tmp_path: Path) -> None:
    account = {"org": "customs", "role": "officer", "user": "li", "password": "abc"}
    title = {"zh": "海关关员", "en": "Customs officer"}
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": [{**account, "title": title}]}))
    lines = announce.ready("http://127.0.0.1:8000/", tmp_path, demo=True)
    assert "  customs  li  abc  海关关员 Customs officer" in lines
    assert not [line for line in announce.ready("http://127.0.0.1:8000/", tmp_path, demo=False) if "customs" in line]


@pytest.mark.parametrize(
    ("bind", "url"),
    [("127.0.0.1", "http://127.0.0.1:80/"), ("0.0.0.0", "http://127.0.0.1:80/"), ("::", "http://[::1]:80/")],
)
def test_the_address_is_one_that_this_machine_reaches(bind: str, url: str) -> None:
    assert announce.address(bind, 80) == url


def test_reset_removes_a_demo_folder_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOUAN_RESET", raising=False)
    site = Plan(tmp_path / "site")
    (site.home / "signer").mkdir(parents=True)
    assert api.reset(site) == 1
    assert site.home.exists()
    demo = Plan(tmp_path / "demo", demo=True)
    demo.home.mkdir()
    assert settings.mark_demo(demo)
    assert api.reset(demo) == 0
    assert not demo.home.exists()


def test_a_refused_sign_in_of_a_device_is_no_error_of_the_bus(tmp_path: Path) -> None:
    log = Log(tmp_path, "nats", ITS_OWN)
    said = ["[1] [INF] ready", '[1] [ERR] 127.0.0.1:1 - "TI-01" - unable to connect: authentication error', "[1] [ERR] no space left"]
    log.path.write_text("".join(f"{line}\n" for line in said))
    assert log.news() == [said[2]]


def test_a_demo_folder_listens_to_this_machine_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = Plan(tmp_path / "demo", demo=True)
    demo.home.mkdir()
    assert settings.mark_demo(demo)
    with pytest.raises(Trouble, match="KOUAN_BIND"):
        settings.mark_demo(replace(demo, bind="0.0.0.0"))
    monkeypatch.setenv("KOUAN_HOME", str(demo.home))
    assert process.settings().demo
    monkeypatch.setenv("KOUAN_BIND", "0.0.0.0")
    with pytest.raises(Trouble, match="KOUAN_BIND"):
        process.settings()


@pytest.mark.parametrize("name", ["KOUAN_NMEA_PORT", "KOUAN_DISK_LOW_MB", "KOUAN_NICE", "KOUAN_HISTORY_DAYS", "KOUAN_ZONE"])
def test_a_setting_that_says_what_it_cannot_is_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KOUAN_HOME", str(tmp_path))
    monkeypatch.setenv(name, "many")
    with pytest.raises(Trouble, match=name):
        process.settings()


def test_a_log_shows_its_errors_once_and_turns_over(tmp_path: Path) -> None:
    log = Log(tmp_path, "work")
    log.path.write_bytes(b"INFO fine\nERROR broken\nhalf a li")
    assert log.news() == ["ERROR broken"]
    assert log.news() == []
    with log.path.open("ab") as file:
        file.write(b"ne\nValueError: late\n" + b"x" * 79 + b"\n" * (LIMIT // 2))
        file.write(b"y" * LIMIT)
        assert log.news() == ["ValueError: late"]
        assert log.path.stat().st_size == 0
        file.write(b"ERROR after\n")
    assert log.news() == ["ERROR after"]
    assert (tmp_path / "work.log.1").stat().st_size > LIMIT
    assert log.last(1) == ["ERROR after"]
