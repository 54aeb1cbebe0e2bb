"""SentencePiece: training the vocabulary, exact encoding, packing into sequences."""
