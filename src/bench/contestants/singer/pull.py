"""Pulls the mock API with a tap of the Singer SDK; what it says goes through gzip, in place of a target.

Arguments: address, page size, folder.
"""

import os
import subprocess
import sys

if sys.argv[1] != "tap":
    address, page, folder = sys.argv[1:4]
    out = os.path.join(folder, "out")
    os.makedirs(out)
    with open(os.path.join(out, "items.jsonl.gz"), "wb") as file:
        tap = subprocess.Popen([sys.executable, __file__, "tap", address, page], stdout=subprocess.PIPE)
        pack = subprocess.run(["gzip", "-1"], stdin=tap.stdout, stdout=file, check=False)
    sys.exit(tap.wait() or pack.returncode)

from singer_sdk import RESTStream, Tap  # noqa: E402
from singer_sdk import typing as th  # noqa: E402
from singer_sdk.pagination import BaseOffsetPaginator  # noqa: E402

ADDRESS, PAGE = sys.argv[2], int(sys.argv[3])


class Offsets(BaseOffsetPaginator):
    """Goes on while the answer names a next offset."""

    def has_more(self, response):
        return response.json()["next_offset"] is not None


class Items(RESTStream):
    """The one stream there is."""

    name = "items"
    path = "/s0/items"
    url_base = ADDRESS
    primary_keys = ["id"]
    records_jsonpath = "$.data[*]"
    schema = th.PropertiesList(
        th.Property("id", th.IntegerType),
        th.Property("created_at", th.StringType),
        th.Property("email", th.StringType),
        th.Property("amount", th.StringType),
        th.Property("quantity", th.IntegerType),
        th.Property("status", th.StringType),
        th.Property("note", th.StringType),
        th.Property("customer", th.ObjectType(additional_properties=True)),
        th.Property("tags", th.ArrayType(th.StringType)),
        th.Property("active", th.BooleanType),
    ).to_dict()

    def get_new_paginator(self):
        return Offsets(start_value=0, page_size=PAGE)

    def get_url_params(self, context, next_page_token):
        return {"part": 0, "limit": PAGE, "offset": next_page_token or 0}


class Bench(Tap):
    """The mock API."""

    name = "tap-bench"
    config_jsonschema = th.PropertiesList().to_dict()

    def discover_streams(self):
        return [Items(self)]


Bench(config={}).sync_all()
