"""Why a document is kept or dropped: every measure, its bound and what was counted."""
