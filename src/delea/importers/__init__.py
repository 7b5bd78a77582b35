"""Models, weights and data from elsewhere: read as foreign bytes, checked, and given to `nn`."""
