"""One file per corpus with a published layout."""
