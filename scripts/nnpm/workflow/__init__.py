"""What the Snakefile needs and a test can call without Snakemake."""
