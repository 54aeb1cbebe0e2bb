"""Metadata of a build in Croissant 1.0, JSON-LD that dataset search engines and loaders read.

Specification: http://mlcommons.org/croissant/1.0. What only a person knows is a named blank.
"""

import hashlib
from typing import Any

import pyarrow as pa

from massivetext.card.facts import CardFacts
from massivetext.errors import ConfigError
from massivetext.finished.survivors import document_schema
from massivetext.storage.files import file_size, list_names, open_file
from massivetext.storage.json_files import read_json
from massivetext.storage.paths import join

CONFORMS_TO = "http://mlcommons.org/croissant/1.0"
_CHUNK = 1 << 20
_SET = "text-files"
_FORMATS = {
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
    ".gz": "application/gzip",
    ".zst": "application/zstd",
}
_TERMS = """
citeAs column equivalentProperty extract field fileProperty fileObject fileSet format includes
isLiveDataset jsonPath key md5 parentField path recordSet references regex repeated replace
samplingRate separator source subField transform
"""


def as_croissant(facts: CardFacts, text: str = "") -> dict[str, Any]:
    """Returns the metadata of the train shards, or of the files of an export.

    Args:
      facts: of the build.
      text: the folder of ``massivetext export-text``; "" describes the shards.

    Raises:
      ConfigError: the folder is no whole export of this build.
    """
    manifest = facts.build.manifest
    files = _export(facts, text) if text else _shards(facts)
    described = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "name": "massivetext",
        "description": _describe(facts),
        "conformsTo": CONFORMS_TO,
        "license": "[to be filled in: licence]",
        "url": "[to be filled in: address]",
        "creator": {"@type": "sc:Organization", "name": "[to be filled in: creator]"},
        "datePublished": manifest["written"][:10],  # a blank would be no date: no loader takes it
        "dateCreated": manifest["written"],
        "version": manifest["version"],
        "inLanguage": sorted({n for c in facts.contents.values() for n in c.languages if n}),
        "distribution": files,
    }
    if text:
        # Every file has the same columns; a set of files is what a loader reads whole.
        files.append(_file_set(files[0]))
        described["recordSet"] = [_records(document_schema(facts.build))]
    return described


def _context() -> dict[str, Any]:
    context: dict[str, Any] = {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": "http://mlcommons.org/croissant/",
        "rai": "http://mlcommons.org/croissant/RAI/",
        "dct": "http://purl.org/dc/terms/",
        "conformsTo": "dct:conformsTo",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
    }
    return context | {term: f"cr:{term}" for term in _TERMS.split()}


def _describe(facts: CardFacts) -> str:
    documents = sum(source.documents for source in facts.sources)
    size = sum(source.bytes for source in facts.sources)
    parts = (f"{s.name}: {s.documents:,} documents, {s.bytes:,} bytes" for s in facts.sources)
    return f"{documents:,} documents, {size:,} bytes of text ({'; '.join(parts)})."


def _export(facts: CardFacts, text: str) -> list[dict[str, Any]]:
    record = read_json(join(text, "export.json")) or {}
    if not record.get("complete"):
        raise ConfigError(f"{text}: no whole export; run massivetext export-text first")
    if record.get("build") != facts.build.manifest["stages"]["overlap"]["key"]:
        raise ConfigError(f"{text}: an export of another build; export this one")
    return [_file(text, name, name) for name in record["files"]]


def _shards(facts: CardFacts) -> list[dict[str, Any]]:
    folder = facts.build.path("sequences")
    names = [name for name in list_names(folder) if ".tfrecord-" in name]
    return [_file(folder, name, f"sequences/{name}") for name in names]


def _file(folder: str, name: str, url: str) -> dict[str, Any]:
    path, digest = join(folder, name), hashlib.sha256()
    with open_file(path) as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    kinds = (kind for ending, kind in _FORMATS.items() if name.endswith(ending))
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": url,
        "contentSize": f"{file_size(path)} B",
        "encodingFormat": next(kinds, "application/x-tfrecord"),
        "sha256": digest.hexdigest(),
    }


def _file_set(first: dict[str, Any]) -> dict[str, Any]:
    pattern = f"text-*.{first['name'].partition('.')[2]}"
    return {
        "@type": "cr:FileSet",
        "@id": _SET,
        "name": _SET,
        "encodingFormat": first["encodingFormat"],
        "includes": pattern,
    }


def _records(schema: pa.Schema) -> dict[str, Any]:
    """Returns the columns of the documents."""
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"documents/{column.name}",
            "name": column.name,
            "dataType": _data_type(column.type),
            "source": {"fileSet": {"@id": _SET}, "extract": {"column": column.name}},
        }
        for column in schema
    ]
    return {
        "@type": "cr:RecordSet",
        "@id": "documents",
        "name": "documents",
        "description": "One record a document.",
        "key": {"@id": "documents/id"},
        "field": fields,
    }


def _data_type(kind: pa.DataType) -> str:
    if pa.types.is_integer(kind):
        return "sc:Integer"
    return "sc:Float" if pa.types.is_floating(kind) else "sc:Text"
