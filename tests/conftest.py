"""What every test stands on: Python's own recursion limit.

A library below eth-account raises it a hundredfold when it is first imported, and hostile data
nested deep would kill the test's process. `delea.chain.keys` imports it and puts the limit back.
"""

import delea.chain.keys  # noqa: F401
