"""The filters as a program meets them that imports massivetext."""
