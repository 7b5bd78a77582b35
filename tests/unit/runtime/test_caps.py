"""The caps are these numbers: whoever moves one changes which modules are legal."""

from delea.runtime import caps

EXPECTED = {
    "MAX_MODULE_BYTES": 2_097_152,
    "MAX_PAGES": 8192,
    "MAX_CUSTOM_BYTES": {
        "delea": 49_152,
        "delea.graph": 1_048_576,
        "name": 65_536,
        "producers": 4_096,
        "target_features": 4_096,
    },
    "MAX_TYPES": 256,
    "MAX_PARAMETERS": 64,
    "MAX_FUNCTIONS": 1024,
    "MAX_GLOBALS": 256,
    "MAX_DATA_SEGMENTS": 1024,
    "MAX_DATA_BYTES": 1_048_576,
    "MAX_CODE_BYTES": 262_144,
    "MAX_BODY_BYTES": 40_960,
    "MAX_LOCALS": 512,
    "MAX_NESTING": 64,
    "MAX_CONTROLS": 16_384,
    "MAX_FLOW": 16_384,
    "MAX_MODULE_FLOW": 65_536,
    "MAX_BR_TABLE": 256,
    "MAX_CALL_DEPTH": 32,
    "MAX_STACK_BYTES": 393_216,
}


def test_the_caps_are_what_the_documents_say():
    found = {name: value for name, value in vars(caps).items() if name.startswith("MAX_")}
    assert found == EXPECTED
