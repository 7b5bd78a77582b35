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
MAX_CODE_BYTES = 256 * KIB  # the largest of our own so far has 60 kB
MAX_BODY_BYTES = 40 * KIB
MAX_LOCALS = 512
MAX_NESTING = 64
# Instructions that shape control flow, in the whole module: each costs the check 0.5 us.
MAX_CONTROLS = 1 << 14
# Locals times one more than the branches (blocks, br, br_if, labels): what single-assignment form
# may grow to. Of one function 65,536 took 3.7 s to compile, 16,384 take 0.5 s.
MAX_FLOW = 1 << 14
MAX_MODULE_FLOW = 1 << 16
MAX_BR_TABLE = 256
MAX_CALL_DEPTH = 32
# Below the smallest of the engines' stacks: 500 kB in Chromium's workers, 512 KiB in the sandbox.
MAX_STACK_BYTES = 384 * KIB
