"""The method's core: backbone, external memory and objectives; docs/architecture.md lists where each equation is."""
