"""The Reconciliation Service API 0.2: names in other people's tables, matched with this graph."""
