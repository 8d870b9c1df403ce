"""Tables, figures, the audit, the report and model cards, made from measured numbers."""
