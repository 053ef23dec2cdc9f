"""The conformance suite of the link: tries a listener, a server or a controller of any make, and says what fails."""
