"""Pulls the mock API with a declarative source of the Airbyte CDK; what it says goes through gzip, in place of a destination.

Arguments: address, page size, folder.
"""

import json
import os
import subprocess
import sys

if sys.argv[1] != "source":
    address, page, folder = sys.argv[1:4]
    out = os.path.join(folder, "out")
    os.makedirs(out)
    for name, content in {
        "config.json": {},
        "catalog.json": {
            "streams": [
                {
                    "stream": {"name": "items", "json_schema": {}, "supported_sync_modes": ["full_refresh"]},
                    "sync_mode": "full_refresh",
                    "destination_sync_mode": "append",
                }
            ]
        },
    }.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            json.dump(content, file)
    command = [sys.executable, __file__, "source", address, page, folder]
    with open(os.path.join(out, "items.jsonl.gz"), "wb") as file:
        source = subprocess.Popen(command, stdout=subprocess.PIPE)
        pack = subprocess.run(["gzip", "-1"], stdin=source.stdout, stdout=file, check=False)
    sys.exit(source.wait() or pack.returncode)

from airbyte_cdk.entrypoint import launch  # noqa: E402
from airbyte_cdk.sources.declarative.concurrent_declarative_source import ConcurrentDeclarativeSource  # noqa: E402

ADDRESS, PAGE, FOLDER = sys.argv[2], int(sys.argv[3]), sys.argv[4]
MANIFEST = {
    "version": "6.0.0",
    "type": "DeclarativeSource",
    "check": {"type": "CheckStream", "stream_names": ["items"]},
    "spec": {"type": "Spec", "connection_specification": {"type": "object", "properties": {}}},
    "streams": [
        {
            "type": "DeclarativeStream",
            "name": "items",
            "primary_key": ["id"],
            "schema_loader": {"type": "InlineSchemaLoader", "schema": {"type": "object", "properties": {}}},
            "retriever": {
                "type": "SimpleRetriever",
                "requester": {
                    "type": "HttpRequester",
                    "url_base": ADDRESS,
                    "path": "/s0/items",
                    "http_method": "GET",
                    "request_parameters": {"part": "0"},
                },
                "record_selector": {
                    "type": "RecordSelector",
                    "extractor": {"type": "DpathExtractor", "field_path": ["data"]},
                },
                "paginator": {
                    "type": "DefaultPaginator",
                    "page_size_option": {
                        "type": "RequestOption",
                        "inject_into": "request_parameter",
                        "field_name": "limit",
                    },
                    "page_token_option": {
                        "type": "RequestOption",
                        "inject_into": "request_parameter",
                        "field_name": "offset",
                    },
                    "pagination_strategy": {
                        "type": "CursorPagination",
                        "cursor_value": "{{ response.next_offset }}",
                        "stop_condition": "{{ response.next_offset is none }}",
                        "page_size": PAGE,
                    },
                },
            },
        }
    ],
}

arguments = ["read", "--config", f"{FOLDER}/config.json", "--catalog", f"{FOLDER}/catalog.json"]
launch(ConcurrentDeclarativeSource(config={}, catalog=None, state=None, source_config=MANIFEST), arguments)
