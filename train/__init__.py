"""The Gopher family in JAX: model, optimizer, data, loop, checkpoints, evaluation.

The only room that knows JAX. Read `train/model/model.py` first, then `train/model/step.py` and
`train/run/loop.py`.
"""
