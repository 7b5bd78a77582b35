"""A small manifest that agrees with itself."""

import os

import pytest
from hypothesis import settings

from delea.artifact import Field, Hyper, Manifest, Region, Regions, StateTensor

FUZZ = bool(os.environ.get("DELEA_FUZZ"))
settings.register_profile("artifact", deadline=None, max_examples=20_000 if FUZZ else 300)


@pytest.fixture(scope="session")
def manifest() -> Manifest:
    return Manifest(
        abi=1,
        regions=Regions(
            state=Region(64, 60),
            dataset=Region(128, 8 + 10 * 12),
            input=Region(512, 4 * 8),
            output=Region(1024, 4 * 4),
            scratch=Region(2048, 512),
        ),
        tensors=(
            StateTensor("fc.weight", (2, 2), "f32", 40),
            StateTensor("optimizer.power", (1,), "f32", 56),
        ),
        input=Field("f32", (2,)),
        target=Field("i32", ()),
        output=Field("f32", (1,)),
        batch=4,
        infer_batch=4,
        max_rows=10,
        steps_per_update=100,
        loss="mse",
        optimizer=Hyper("sgd", (("lr", 0.1),)),
        flops_per_step=1000,
    )
