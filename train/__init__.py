"""The Gopher family in JAX: model, optimiser, data, loop, checkpoints, evaluation.

The only room that knows JAX. Read `train.model` first, then `train.step` and `train.loop`.
"""
