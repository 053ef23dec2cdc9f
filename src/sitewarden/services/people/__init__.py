"""People in bulk: imports with a preview, exports. Long work runs in children; files go through the spool."""
