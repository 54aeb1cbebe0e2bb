"""A labelled benchmark of decontamination, with items of our own."""
