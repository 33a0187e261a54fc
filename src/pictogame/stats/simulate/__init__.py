"""A crowd that plays on paper and on the wire, and knows exactly what it did: what ingest must find out again."""
