"""Every data file says where it is from, under which licence, and as of when."""

import re

from mlstage import catalog
from mlstage.catalog import _files


def test_every_file_names_its_sources() -> None:
    for file in _files.files():
        assert _files.sources_of(file), file
    assert {source.file for source in catalog.sources()} == set(_files.files())


def test_every_source_is_whole() -> None:
    for source in catalog.sources():
        assert len(source.what) > 10, source
        assert source.licence, source
        assert re.fullmatch(r"20\d\d(-\d\d(-\d\d)?)?", source.date), source


def test_a_source_reads_as_a_sentence_part() -> None:
    (source,) = _files.sources_of("sagemaker_uses.tsv").values()
    assert str(source) == ("botocore 1.44.5, instance type enums of sagemaker/2017-07-24 (Apache-2.0; 2026-11-24)")
