"""A store of objects: put, get, head, list, delete. A folder, S3, or memory."""
