"""Bounds of the work that one record may cause: counts, never clocks, so they act alike everywhere.

Crawled input is hostile: without these a few kilobytes of gzip, XML or HTML can fill a machine.
A record over a bound is a `Broken` record or a `Dropped` one (``too_large``); the run continues.
"""

MAX_RECORD_BYTES = 64 << 20  # one record of an archive, expanded
MAX_HEADER_BYTES = 1 << 20  # WARC or HTTP header of one record; HTTP's longest fields apart
MAX_FIELD_BYTES = 8 << 10  # one field of an HTTP header; longer ones (cookies) are not read
MAX_LINE_BYTES = 64 << 20  # one line of JSON lines or text
MAX_HTML_BYTES = 16 << 20  # one page, expanded
MAX_HTML_DEPTH = 256  # levels of elements that the extraction tells apart
MAX_HTML_NESTING = 512  # open elements at a time, as in browsers; deeper tags are left out
MAX_HTML_FORMATTING = 16  # open <b>, <font> and their like at a time; further ones are left out
MAX_HTML_TAGS = 500_000  # of one page; longer tables of tags are no documents
MAX_HTML_ATTRIBUTES = 1_000  # of one tag: parsers compare each with all before it
MAX_DOCUMENT_BYTES = 64 << 20  # one document's text, UTF-8
MAX_XML_PAGE_BYTES = 64 << 20  # one page of a wiki dump
MAX_WIKI_BYTES = 4 << 20  # source of one wiki page; MediaWiki itself saves none above 2 MB
MAX_EXPANSION = 2_000  # expanded bytes per compressed byte, beyond the first 16 MB
MAX_ARCHIVE_MEMBERS = 10_000  # of one EPUB
MAX_ARCHIVE_BYTES = 256 << 20  # of one EPUB, all members together, expanded
MAX_CODE_BYTES = 1 << 20  # one source file; longer ones are data
MAX_ERROR_CHARACTERS = 500  # of one message in errors/
FREE_EXPANSION_BYTES = 16 << 20  # expanded bytes of a file that MAX_EXPANSION does not judge
MAX_CODE_LINE_BYTES = 110  # mean length of a script's lines; longer ones are minified
MAX_WIKI_DEPTH = 40  # levels of nested wiki markup, MediaWiki's own bound for templates
MAX_ZSTD_WINDOW = 128 << 20  # memory that one zstd frame may ask for
MAX_ZSTD_DICTIONARY = 16 << 20  # that the frames of one file share
MAX_ARCHIVE_INDEX_BYTES = 4 << 20  # the list of an EPUB's chapters
MAX_XML_NESTING = 256  # elements inside each other in such a list
FREE_COLUMN_BYTES = 256 << 20  # text of a Parquet row group that MAX_EXPANSION does not judge
MAX_PAGE_EXPANSION = 50  # of a Parquet column beyond that: it may be one page, decoded whole
MAX_PARQUET_FOOTER_BYTES = 64 << 20
FREE_ROWS = 1 << 16  # of a Parquet row group that MAX_ROWS_PER_BYTE does not judge
MAX_ROWS_PER_BYTE = 64  # of a Parquet row group's compressed bytes
