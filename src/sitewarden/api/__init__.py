"""HTTP and WebSocket faces of the one application: native (8600), digifort (8601), web (80). Does I/O."""
