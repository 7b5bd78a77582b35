"""A module's graph takes half a minute and more to compile: whoever audits it is held up."""

import resource

import numpy as np
from frame import SucceededError, refusal, run

from delea import nn
from delea.artifact import GRAPH_SECTION, decode, encode
from delea.artifact.wasm import Section, custom_section, read_sections, write_sections
from delea.compiler import build
from delea.errors import UnauditedError
from delea.roles.apart import ChildLimits
from delea.roles.auditing import check_audited

LIMITS = ChildLimits(cpu_seconds=2)  # by default 10: the same, but slower to watch
SLACK_SECONDS = 1


def bomb() -> bytes:
    """Return a legal module with a graph of tensors assembled from a thousand parts each."""
    rows = np.ones((4, 1), np.float32)
    data = nn.Dataset(rows, rows)
    module = build(nn.Program(nn.Linear(1, 1), nn.MSELoss(), nn.SGD(0.1), data)).module
    plain = decode(custom_section(module, GRAPH_SECTION))
    nodes, parts = plain["infer"]["nodes"], 1024
    nodes.append(["constant", [], [1], "f32", {"bits": 0}])
    inputs = [len(nodes) - 1] * parts
    spread = {"shape": [parts], "starts": list(range(parts)), "steps": [1] * parts}
    nodes += [["assemble", inputs, [parts], "f32", {"bits": at, **spread}] for at in range(100)]
    sections = (
        Section(s.id, s.name, encode(plain)) if s.name == GRAPH_SECTION else s
        for s in read_sections(module)
    )
    return write_sections(list(sections))


def attack() -> str:
    """Try, and say why it failed."""
    told = refusal(lambda: check_audited(bomb(), limits=LIMITS), UnauditedError)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = used.ru_utime + used.ru_stime
    if seconds > LIMITS.cpu_seconds + SLACK_SECONDS:
        raise SucceededError(f"the audit took {seconds:.1f} s of CPU")
    return f"an audit is a child process with limits, and what exceeds them fails it; {told}"


if __name__ == "__main__":
    run(attack)
