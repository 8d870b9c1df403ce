"""Tables, figures, the audit and the report: everything that turns measured numbers into pages."""
