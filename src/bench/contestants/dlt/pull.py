"""Pulls the mock API with dlt's rest_api source into a folder, as its documentation shows it.

Arguments: address, page size, folder, rows (not used), format of files.
"""

import os
import sys

address, page, folder, file_format = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[5]
os.environ["DLT_DATA_DIR"] = os.path.join(folder, "dlt")
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["DESTINATION__FILESYSTEM__BUCKET_URL"] = "file://" + os.path.join(folder, "out")

import dlt  # noqa: E402  (reads the settings above)
from dlt.sources.rest_api import rest_api_source  # noqa: E402

source = rest_api_source(
    {
        "client": {"base_url": address},
        "resources": [
            {
                "name": "items",
                "primary_key": "id",
                "write_disposition": "append",
                "max_table_nesting": 0,
                "endpoint": {
                    "path": "s0/items",
                    "params": {"part": 0},
                    "data_selector": "data",
                    "paginator": {
                        "type": "offset",
                        "limit": page,
                        "total_path": None,
                        "stop_after_empty_page": True,
                    },
                },
            }
        ],
    }
)
pipeline = dlt.pipeline(
    pipeline_name="bench", destination="filesystem", dataset_name="bench", pipelines_dir=os.path.join(folder, "dlt")
)
pipeline.run(source, loader_file_format=file_format).raise_on_failed_jobs()
