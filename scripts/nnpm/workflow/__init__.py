"""Functions of the Snakefile that tests can call without Snakemake."""
