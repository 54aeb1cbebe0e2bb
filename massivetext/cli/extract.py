"""``massivetext extract``: id, url, text and signals of pages of web archives, a line each."""

import argparse

import orjson

from massivetext.cli.files import documents_of, open_outputs, read_inputs


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the command's arguments."""
    parser.add_argument("inputs", nargs="+", metavar="IN", help="WARC or WET files")
    parser.add_argument("-o", "--output", default="-", metavar="OUT.jsonl", help="default: stdout")


def main(arguments: argparse.Namespace) -> int:
    """Writes one JSON object a page: id, url, text, title, timestamp and the page's signals."""
    documents = documents_of(read_inputs(arguments.inputs, "web", standard=True))
    with open_outputs({"-o": arguments.output}, arguments.inputs) as out:
        for document in documents:
            signals = document.signals
            line = {
                "id": document.id,
                "url": document.url,
                "text": document.text,
                "title": document.title,
                "timestamp": document.timestamp,
                "rating": signals.rating,
                "language": signals.language,
                "status": signals.status,
                "robots": signals.robots,
                "tdm_reservation": signals.tdm_reservation,
                "tdm_policy": signals.tdm_policy,
                "content_usage": signals.content_usage,
            }
            out["-o"].write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
    return 0
