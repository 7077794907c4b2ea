"""`regions.json`, from botocore's list of partitions."""

import json

from mlstage.catalog.derive import upstream


def regions_file(date: str) -> str:
    """Return the text of `regions.json`; pseudo regions such as `aws-global` are no regions."""
    found = [
        {
            "id": one["id"],
            "dns_suffix": one["outputs"]["dnsSuffix"],
            "pattern": one["regionRegex"],
            "regions": {
                name: facts["description"]
                for name, facts in sorted(one["regions"].items())
                if not name.endswith("-global")
            },
        }
        for one in upstream.partitions()
    ]
    source = {"what": f"{upstream.name_of('botocore')}, data/partitions.json", "licence": "Apache-2.0", "date": date}
    data = {"about": "AWS's partitions and regions.", "sources": {"botocore": source}, "partitions": found}
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
