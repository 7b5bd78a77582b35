"""What every test stands on: Python's own recursion limit, and a home of its own.

A library below eth-account raises it a hundredfold when it is first imported, and hostile data
nested deep would kill the test's process. `delea.chain.keys` imports it and puts the limit back.
"""

from collections.abc import Iterator

import pytest

import delea.chain.keys  # noqa: F401


@pytest.fixture(autouse=True, scope="session")
def _own_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let no test write among what the user of this machine keeps."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("own")))
        yield
