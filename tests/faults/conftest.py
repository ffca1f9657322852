"""One platform for all fault tests of a process, whole again before each of them."""

from collections.abc import Iterator

import pytest

from .platform import Platform


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    platform = Platform(tmp_path_factory.mktemp("faults") / "state")
    try:
        platform.prepare()
        yield platform
    finally:
        platform.end()


@pytest.fixture
def platform(installation: Platform) -> Platform:
    installation.start(*installation.services)
    installation.wait_until_ready()
    return installation
