"""What the command line calls: run a data folder, stop it, remove it."""

from __future__ import annotations

import asyncio
import os
import shutil
import time

from kouan.app.supervisor import group, identity, settings
from kouan.app.supervisor.announce import say
from kouan.app.supervisor.group import Cast, Group
from kouan.app.supervisor.settings import MARKER, Plan, Ports
from kouan.app.supervisor.trouble import Trouble
from kouan.kernel.text import Text

__all__ = ["Cast", "Plan", "Trouble", "reset", "stop", "up"]


def up(plan: Plan | None = None, cast: Cast | None = None) -> int:
    """Run the platform of a data folder in the foreground until SIGINT or SIGTERM; answers the exit code.

    Without a plan KOUAN_* variables say how; without a cast the platform's own programs run.
    """
    try:
        plan = plan or Plan.read()
        _make_home(plan)
        hold = identity.Hold(plan.run)
    except Trouble as problem:
        say(problem.lines())
        return problem.code
    try:
        ports = _ports(plan, patient=hold.unclean)
        return asyncio.run(group.govern(Group(plan, ports, settings.mark_demo(plan), cast or Cast())))
    except Trouble as problem:
        say(problem.lines())
        return problem.code
    finally:
        hold.release()


def _make_home(plan: Plan) -> None:
    try:
        plan.home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as problem:
        raise Trouble(
            Text(
                zh=f"无法使用数据目录 {plan.home}：{problem}",
                en=f"the data folder {plan.home} cannot be used: {problem}",
            )
        ) from problem


def _ports(plan: Plan, *, patient: bool) -> Ports:
    # After a kill -9 of the supervisor its processes may hold their ports for a moment longer.
    limit = time.monotonic() + (group.LEFT_PORTS if patient else 0.0)
    while True:
        try:
            return settings.choose_ports(plan)
        except Trouble:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def stop(plan: Plan | None = None) -> int:
    """Stop the platform that runs on a data folder."""
    plan = plan or Plan.read()
    if identity.stop(plan.run):
        say("kouan: 已停止 stopped")
    else:
        say(f"kouan: 没有正在运行的平台 nothing runs here: {plan.home}")
    return 0


def reset(plan: Plan | None = None) -> int:
    """Stop the platform and remove its data folder, which must be a demo folder or KOUAN_RESET=1 say so."""
    plan = plan or Plan.read()
    if not plan.home.exists():
        return 0
    if not (plan.home / MARKER).exists() and os.environ.get("KOUAN_RESET") != "1" and any(plan.home.iterdir()):
        problem = Text(
            zh=f"{plan.home} 不是演示数据目录；确要删除请设置 KOUAN_RESET=1",
            en=f"{plan.home} is no demo data folder; set KOUAN_RESET=1 to remove it all the same",
        )
        say(Trouble(problem).lines())
        return 1
    identity.stop(plan.run)
    shutil.rmtree(plan.home)
    say(f"kouan: 已删除 removed {plan.home}")
    return 0
