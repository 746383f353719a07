"""New resources: their stubs, what fills them, and the form that asks for the same."""
