"""Train a small network to sin x in the sandbox, and check the work by doing it again."""

import numpy as np

from delea import compiler, nn, runtime
from delea.artifact import state_root

x = np.linspace(-3, 3, 512, dtype=np.float32).reshape(-1, 1)
program = nn.Program(
    network=nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 1)),
    loss=nn.MSELoss(),
    optimizer=nn.Adam(1e-2),
    data=nn.Dataset(x, np.sin(x)),
)
artifact = compiler.build(program)  # a Wasm module, its first state, its dataset
work = (artifact.module, artifact.dataset, artifact.genesis, bytes(32), 200)  # seed, steps
trained = runtime.train(*work)
again = runtime.replay(*work)  # in another process, in another browser: the same bits
assert state_root(trained.state) == again
print(f"loss {trained.losses[0]:.4f} -> {trained.losses[-1]:.4f}, root {again.hex()[:16]}")
