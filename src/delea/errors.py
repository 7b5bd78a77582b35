"""Every fault Delea reports, as one tree; a message says what was expected and what came.

DeleaError                      the user's or the world's fault, never a bug of ours
├── UsageError                  the call itself cannot be understood             (exit 2)
├── UnreachableError            a chain or a store does not answer               (exit 3)
└── RefusedError                understood, and refused                          (exit 1)
    ├── GraphError              a graph that cannot be built or is not legal
    │   ├── ShapeError          shapes that do not fit
    │   └── DtypeError          element types that do not fit
    ├── ArtifactError           bytes that are not what they claim to be
    │   ├── MalformedError      an encoding that is not canonical or not complete
    │   ├── DigestError         bytes whose digest is not the one expected
    │   └── UnauditedError      a module that is not what the graph inside it compiles to
    ├── DatasetError            a dataset that does not fit its program
    ├── PolicyError             a module that breaks the structural rules
    ├── SandboxError            a module that was stopped while it ran
    │   ├── TrapError           it trapped
    │   ├── TimeLimitError      it ran past its time
    │   └── MemoryLimitError    it asked for more memory than it may
    ├── DivergedError           training reached a NaN or an infinity
    ├── StoreError              the store lacks something or refuses it
    │   └── MissingError        no bytes under that name
    ├── KeyStoreError           a key that cannot be opened or must not be used
    ├── StreamError             standard output or error that cannot be written
    └── ChainError              the chain refuses
        ├── RevertError         a contract refused, with its reason
        ├── ReorgError          it took blocks back, and what was seen is not there any more
        └── UnknownModelError   no model lives at that address
"""


class DeleaError(Exception):
    """A fault the user can act on; `exit_code` is what a command returns for it."""

    exit_code = 1


class UsageError(DeleaError):
    """The call itself cannot be understood."""

    exit_code = 2


class UnreachableError(DeleaError):
    """A chain or a store does not answer."""

    exit_code = 3


class RefusedError(DeleaError):
    """The call was understood and refused."""


class GraphError(RefusedError):
    """A graph cannot be built or is not legal."""


class ShapeError(GraphError):
    """Shapes do not fit."""


class DtypeError(GraphError):
    """Element types do not fit."""


class ArtifactError(RefusedError):
    """Bytes are not what they claim to be."""


class MalformedError(ArtifactError):
    """An encoding is not canonical or not complete."""


class DigestError(ArtifactError):
    """The digest of some bytes is not the one expected."""


class UnauditedError(ArtifactError):
    """A module is not, or not provably, what the graph inside it compiles to."""


class DatasetError(RefusedError):
    """A dataset does not fit its program."""


class PolicyError(RefusedError):
    """A module breaks the structural rules."""


class SandboxError(RefusedError):
    """A module was stopped while it ran."""


class TrapError(SandboxError):
    """A module trapped."""


class TimeLimitError(SandboxError):
    """A module ran past its time."""


class MemoryLimitError(SandboxError):
    """A module asked for more memory than it may have."""


class DivergedError(RefusedError):
    """Training reached a NaN or an infinity; such a state cannot be claimed."""


class StoreError(RefusedError):
    """The store lacks something or refuses it."""


class MissingError(StoreError):
    """No bytes are stored under that name."""


class KeyStoreError(RefusedError):
    """A key cannot be opened or must not be used here."""


class StreamError(RefusedError):
    """Standard output or error cannot be written."""


class ChainError(RefusedError):
    """The chain refuses."""


class RevertError(ChainError):
    """A contract refused; `reason` is its own short string."""

    def __init__(self, reason: str) -> None:
        """Keep the contract's reason, such as `train: stale parent`."""
        super().__init__(f"the contract refused: {reason}")
        self.reason = reason


class ReorgError(ChainError):
    """The chain took blocks back, and what was seen there is not there any more."""


class UnknownModelError(ChainError):
    """No model lives at that address."""
