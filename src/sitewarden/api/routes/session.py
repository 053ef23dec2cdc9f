"""Signing in and out."""

from __future__ import annotations

from typing import Final

from sitewarden.api.routes.route import Route
from sitewarden.services.surface import identity
from sitewarden.services.surface.identity import Nothing

SESSION: Final = [
    Route(
        "POST",
        "/session",
        "session.open",
        identity.SignIn,
        identity.SessionInfo,
        "signIn",
        "session",
        "Sign in; sets the session cookie",
        public=True,
    ),
    Route("GET", "/session", "session.get", Nothing, identity.SessionInfo, "getSession", "session", "Who is signed in"),
    Route("DELETE", "/session", "session.close", Nothing, None, "signOut", "session", "Sign out"),
    Route(
        "PUT",
        "/session/password",
        "session.password",
        identity.PasswordChange,
        None,
        "changePassword",
        "session",
        "Change one's own password; ends one's other sessions",
    ),
]
