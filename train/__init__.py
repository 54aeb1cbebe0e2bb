"""The trainer of the Gopher family, the only room that knows JAX."""
