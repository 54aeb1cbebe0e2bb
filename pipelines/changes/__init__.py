"""What a stage and its parts are made from, and whether that is still so."""
