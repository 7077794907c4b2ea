"""The maintainer's side of the catalogue: re-derives from botocore and moto what can be derived.

`python -m mlstage.catalog.derive` prints what differs from the committed data, `--write` updates it. Nothing here is
imported at run time, and hand-written facts (their files end in `_hand`, or stand under "hand") are never touched.
"""
