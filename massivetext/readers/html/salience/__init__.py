"""Which blocks of a page are salient text, judged together by a small trained model."""
