"""Far ends that Sitewarden ships itself. They share domain, wire and link with the server."""
