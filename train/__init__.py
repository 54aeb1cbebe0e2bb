"""The Gopher family in JAX: model, optimiser, data, loop, checkpoints, evaluation.

The only room that knows JAX. Read `massivetext.train.model` first, then `massivetext.train.step` and `massivetext.train.loop`.
"""
