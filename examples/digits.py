"""Read handwritten digits: the 1,797 real ones that scikit-learn ships, 8 x 8 pixels of 0..16."""

import numpy as np
from sklearn.datasets import load_digits

from delea import nn

pixels, labels = load_digits(return_X_y=True)
pixels = (pixels / 16).astype(np.float32)
test = np.arange(len(pixels)) % 5 == 0

program = nn.Program(
    network=nn.Sequential(nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10)),
    loss=nn.CrossEntropyLoss(),
    optimizer=nn.Adam(3e-3),
    data=nn.Dataset(pixels[~test], labels[~test], pixels[test], labels[test]),
    batch=64,
    steps_per_update=100,
)
