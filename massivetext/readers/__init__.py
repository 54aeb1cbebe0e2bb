"""Readers of the six sources' formats: from an open file to documents, record by record."""
