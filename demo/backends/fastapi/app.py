import hashlib
import hmac
import json
import os
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from typing import Literal, Optional

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

PICA_SECRET_KEY = os.environ["PICA_SECRET_KEY"]
CREDENTIAL_SECRET = os.environ["CREDENTIAL_SECRET"]
PICA_API = os.environ.get("PICA_API") or "https://api.picaos.com"
AUTHKIT_ORIGIN = os.environ.get("AUTHKIT_ORIGIN") or "https://authkit.picaos.com"

app = FastAPI()


def user_of(authorization: str = Header("")) -> str:
    """The user whose credential it is: "user.expires.signature". Yours may be any other."""
    signed, _, signature = authorization.removeprefix("Bearer ").rpartition(".")
    user, _, expires = signed.rpartition(".")
    expected = hmac.new(CREDENTIAL_SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest()
    is_valid = hmac.compare_digest(signature.encode(), expected.encode())
    if not user or not is_valid or int(expires) < time.time():
        raise HTTPException(401, "Sign in first.")
    return user


@app.middleware("http")
async def let_authkit_in(request: Request, call_next):
    """AuthKit's page calls the token endpoint from its own origin; it has to be able to read refusals as well."""
    if request.url.path != "/api/authkit/token":
        return await call_next(request)
    response = Response(status_code=204) if request.method == "OPTIONS" else await call_next(request)
    response.headers["Access-Control-Allow-Origin"] = AUTHKIT_ORIGIN
    response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
    response.headers["Access-Control-Max-Age"] = "600"
    return response


@app.post("/api/authkit/token")
def token(user: str = Depends(user_of)):
    try:
        flags = ask_pica("GET", "/v1/users/flags")
        identity = {"identity": user, "identityType": "user"}
        rows, page, pages = [], 1, 1
        while page <= pages:
            answer = ask_pica("POST", f"/v1/authkit?limit=100&page={page}", identity)
            rows += answer["rows"]
            pages = answer["pages"]
            page += 1
    except (OSError, ValueError, KeyError) as error:
        # Nothing of what Pica said goes to the browser; it is for your log.
        print("Pica gave no token:", error)
        return JSONResponse({"error": "Pica gave no token."}, 502)
    return {
        "rows": rows,
        "page": 1,
        "pages": 1,
        "total": answer["total"],
        "requestId": answer["requestId"],
        "isWhiteLabel": flags.get("authkitWhitelist", False),
    }


def ask_pica(method: str, path: str, body: Optional[dict] = None) -> dict:
    headers = {"X-Pica-Secret": PICA_SECRET_KEY, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(PICA_API + path, data, headers, method=method)
    # Any status but 2xx is an HTTPError, which is an OSError.
    with urllib.request.urlopen(request, timeout=10) as response:
        return json.load(response)


def database() -> sqlite3.Connection:
    connection = sqlite3.connect("connections.sqlite")
    connection.row_factory = sqlite3.Row
    connection.execute(
        """CREATE TABLE IF NOT EXISTS connections (
             connection_key TEXT PRIMARY KEY, user TEXT NOT NULL, platform TEXT NOT NULL,
             environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT,
             created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')))"""
    )
    return connection


class Connection(BaseModel):
    platform: str = Field(min_length=1, max_length=100)
    connection_key: str = Field(min_length=1, max_length=500)
    environment: Literal["live", "test"] = "live"
    state: Literal["operational", "degraded", "failed", "unknown"] = "operational"
    name: Optional[str] = Field(None, max_length=200)


@app.get("/api/connections")
def connections(user: str = Depends(user_of)):
    with closing(database()) as db:
        rows = db.execute("SELECT * FROM connections WHERE user = ? ORDER BY created_at", [user])
        return [dict(row) for row in rows]


@app.post("/api/connections")
def store(given: Connection, user: str = Depends(user_of)):
    with closing(database()) as db, db:
        known = db.execute(
            "SELECT user FROM connections WHERE connection_key = ?", [given.connection_key]
        ).fetchone()
        # In one statement, so that two requests at once leave one row, and its owner the owner.
        changed = db.execute(
            """INSERT INTO connections (connection_key, user, platform, environment, state, name)
               VALUES (?, ?, ?, ?, ?, ?)
               ON CONFLICT (connection_key) DO UPDATE SET environment = excluded.environment,
                 state = excluded.state, name = excluded.name WHERE user = excluded.user""",
            [given.connection_key, user, given.platform, given.environment, given.state, given.name],
        ).rowcount
        if changed == 0:
            raise HTTPException(409, "This connection is another user's.")
        return JSONResponse({**vars(given), "user": user}, 200 if known else 201)


@app.delete("/api/connections/{key:path}", status_code=204, response_class=Response)
def delete(key: str, user: str = Depends(user_of)):
    with closing(database()) as db, db:
        deleted = db.execute(
            "DELETE FROM connections WHERE connection_key = ? AND user = ?", [key, user]
        ).rowcount
    # Another user's is answered like one that is not there: nobody learns that it is.
    if deleted == 0:
        raise HTTPException(404, "There is no such connection.")
