"""The language: everything that an author types, as frozen typed values that know their own line."""
