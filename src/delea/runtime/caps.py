"""How large a module and each of its parts may be: what keeps checking and compiling it cheap."""

KIB = 1 << 10
MIB = 1 << 20
PAGE_BYTES = 64 * KIB

MAX_MODULE_BYTES = 2 * MIB
MAX_PAGES = 8192  # 512 MiB: with the compiler's own needs below the sandbox's 768 MiB
MAX_CUSTOM_BYTES = {
    "delea": 48 * KIB,  # 64 kB of hostile dag-cbor would take 0.1 s to read
    "delea.graph": MIB,
    "name": 64 * KIB,
    "producers": 4 * KIB,
    "target_features": 4 * KIB,
}
MAX_TYPES = 256
MAX_PARAMETERS = 64
MAX_FUNCTIONS = 1024
MAX_GLOBALS = 256
MAX_DATA_SEGMENTS = 1024
MAX_DATA_BYTES = MIB
MAX_CODE_BYTES = 512 * KIB
MAX_BODY_BYTES = 64 * KIB
MAX_LOCALS = 1024
MAX_NESTING = 64
# Locals times branches (blocks, br, br_if, labels) of a function: what single-assignment form may
# grow to. 65,536 of them took 3.7 s to compile, 16,384 took 0.5 s.
MAX_LOCALS_TIMES_BRANCHES = 1 << 15
MAX_BR_TABLE = 256
MAX_CALL_DEPTH = 32
