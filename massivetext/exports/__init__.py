"""What a build's text and sequences are written as, for the programs of others."""
