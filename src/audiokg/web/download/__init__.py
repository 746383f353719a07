"""What can be downloaded: the snapshot that is served, and releases."""
