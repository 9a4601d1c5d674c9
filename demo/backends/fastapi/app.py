import hashlib
import hmac
import http.client
import json
import os
import re
import sqlite3
import time
import urllib.request
from contextlib import closing
from typing import Literal, Optional, Set
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StrictStr

PICA_SECRET_KEY = os.environ["PICA_SECRET_KEY"].strip()
CREDENTIAL_SECRET = os.environ["CREDENTIAL_SECRET"]
PICA_API = os.environ.get("PICA_API") or "https://api.picaos.com"
AUTHKIT_ORIGIN = os.environ.get("AUTHKIT_ORIGIN") or "https://authkit.picaos.com"

# Who owns connections: your server decides, never the request. Or "team", "organization", "project".
IDENTITY_TYPE = "user"

app = FastAPI()


def user_for(purpose: str):
    """The user whose credential it is: "purpose.user.expires.signature". Yours may be any other."""
    pattern = re.compile(rf"Bearer ({purpose}\.(.+)\.([0-9]+))\.([0-9a-f]{{64}})")

    def user(authorization: str = Header("")) -> str:
        if found := pattern.fullmatch(authorization):
            signed, name, expires, signature = found.groups()
            expected = hmac.new(CREDENTIAL_SECRET.encode(), signed.encode(), hashlib.sha256)
            if hmac.compare_digest(signature, expected.hexdigest()) and int(expires) >= time.time():
                return name
        raise HTTPException(401, "Sign in first.")

    return user


@app.middleware("http")
async def let_authkit_in(request: Request, call_next):
    """AuthKit's page calls the token endpoint from its own origin and has to be able to read refusals too."""
    if request.url.path != "/api/authkit/token":
        return await call_next(request)
    response = Response(status_code=204) if request.method == "OPTIONS" else await call_next(request)
    response.headers["Access-Control-Allow-Origin"] = AUTHKIT_ORIGIN
    response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
    response.headers["Access-Control-Max-Age"] = "600"
    return response


@app.post("/api/authkit/token")
def token(user: str = Depends(user_for("token"))):
    try:
        flags = ask_pica("GET", "/v1/users/flags")
        found = all_pages("POST", "/v1/authkit?", {"identity": user, "identityType": IDENTITY_TYPE})
    except PicaError as error:
        print("Pica gave no token:", error)
        return JSONResponse({"error": "Pica gave no token."}, 502)
    return {
        "rows": found["rows"],
        "page": 1,
        "pages": 1,
        "total": found.get("total"),
        "requestId": found.get("requestId"),
        "isWhiteLabel": flags.get("authkitWhitelist", False),
    }


class PicaError(Exception):
    """Pica is away, refused, or answered something else than JSON."""


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """The secret key would go along, to any server that the redirect names."""

    def redirect_request(self, *_):
        return None  # makes it an HTTPError


pica = urllib.request.build_opener(NoRedirects)


def ask_pica(method: str, path: str, body: Optional[dict] = None) -> dict:
    headers = {"X-Pica-Secret": PICA_SECRET_KEY, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(PICA_API + path, data, headers, method=method)
    try:
        # Any status but 2xx is an HTTPError, which is an OSError.
        with pica.open(request, timeout=10) as response:
            answer = json.load(response)
    except (OSError, http.client.HTTPException, ValueError, RecursionError) as error:
        # Only the kind of error: some messages repeat headers or what Pica sent, and with it the secret key.
        status = getattr(error, "code", "")
        raise PicaError(f"{path.partition('?')[0]}: {type(error).__name__} {status}") from None
    if not isinstance(answer, dict):
        raise PicaError(f"{path.partition('?')[0]}: no JSON object")
    return answer


def all_pages(method: str, path: str, body: Optional[dict] = None) -> dict:
    """The last answer, with the rows of all pages."""
    rows, page, pages = [], 1, 1
    while page <= pages:
        answer = ask_pica(method, f"{path}limit=100&page={page}", body)
        if not isinstance(answer.get("rows"), list) or not isinstance(answer.get("pages"), int):
            raise PicaError("An answer without rows.")
        rows += answer["rows"]
        pages = answer["pages"]
        page += 1
    return {**answer, "rows": rows}


def keys_in_vault(user: str) -> Set[str]:
    """The keys of the connections that are this user's at Pica, whatever else the answer lists."""
    owner = {"identity": user, "identityType": IDENTITY_TYPE}
    rows = all_pages("GET", f"/v1/vault/connections?{urlencode(owner)}&")["rows"]
    return {
        str(row.get("key"))
        for row in rows
        if isinstance(row, dict)
        and row.get("identity") == user
        and row.get("identityType") in (IDENTITY_TYPE, None)
    }


def is_in_vault(user: str, key: str) -> bool:
    """Tries for ten seconds, since the vault may lag behind; gives up at once if Pica is away."""
    try:
        for pause in (0, 1, 3, 6):
            time.sleep(pause)
            if key in keys_in_vault(user):
                return True
    except PicaError as error:
        print("Pica did not say whose connection this is:", error)
    return False


def database() -> sqlite3.Connection:
    db = sqlite3.connect("connections.sqlite")
    db.row_factory = sqlite3.Row
    # Unique by owner and key: claiming somebody's key must not keep the owner out.
    db.execute(
        """CREATE TABLE IF NOT EXISTS pica_connections (
             identity_type TEXT NOT NULL, identity TEXT NOT NULL, connection_key TEXT NOT NULL,
             platform TEXT NOT NULL, environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT,
             confirmed INTEGER NOT NULL DEFAULT 0,
             created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
             PRIMARY KEY (identity_type, identity, connection_key))"""
    )
    return db


with closing(database()) as db, db:
    # The table of an earlier version, whose rows nobody has compared with the vault yet.
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'connections'").fetchone():
        db.execute(
            """INSERT OR IGNORE INTO pica_connections
               SELECT ?, user, connection_key, platform, environment, state, name, 0, created_at
               FROM connections""",
            [IDENTITY_TYPE],
        )
        db.execute("DROP TABLE connections")


def check_with_vault(db: sqlite3.Connection, user: str) -> None:
    """Confirms the rows that the vault has by now, and drops those it has not had for ten minutes."""
    mine = "identity_type = ? AND identity = ?"
    owner = [IDENTITY_TYPE, user]
    unconfirmed = f"SELECT 1 FROM pica_connections WHERE {mine} AND confirmed = 0"
    if not db.execute(unconfirmed, owner).fetchone():
        return
    try:
        keys = keys_in_vault(user)
    except PicaError as error:
        print("Pica did not say which connections are confirmed:", error)
        return
    with db:
        db.executemany(
            f"UPDATE pica_connections SET confirmed = 1 WHERE {mine} AND connection_key = ?",
            [[*owner, key] for key in keys],
        )
        db.execute(
            f"""DELETE FROM pica_connections WHERE {mine} AND confirmed = 0
                AND created_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 minutes')""",
            owner,
        )


def shown(row: dict) -> dict:
    """Do not use a row that is not confirmed: the user has only claimed it."""
    confirmed = bool(row["confirmed"])
    return {**row, "confirmed": confirmed, "state": row["state"] if confirmed else "unknown"}


class Connection(BaseModel):
    platform: StrictStr = Field(min_length=1, max_length=100)
    connection_key: StrictStr = Field(min_length=1, max_length=500)
    environment: Literal["live", "test"] = "live"
    state: Literal["operational", "degraded", "failed", "unknown"] = "operational"
    name: Optional[StrictStr] = Field(None, max_length=200)


def json_only(content_type: str = Header("")) -> None:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Send application/json.")


@app.get("/api/connections")
def connections(user: str = Depends(user_for("connections"))):
    with closing(database()) as db:
        check_with_vault(db, user)
        rows = db.execute(
            """SELECT * FROM pica_connections WHERE identity_type = ? AND identity = ?
               ORDER BY created_at""",
            [IDENTITY_TYPE, user],
        )
        return [shown(dict(row)) for row in rows]


@app.post("/api/connections", dependencies=[Depends(json_only)])
def store(given: Connection, user: str = Depends(user_for("connections"))):
    owner = {"identity_type": IDENTITY_TYPE, "identity": user}
    with closing(database()) as db:
        known = db.execute(
            """SELECT confirmed FROM pica_connections
               WHERE identity_type = ? AND identity = ? AND connection_key = ?""",
            [IDENTITY_TYPE, user, given.connection_key],
        ).fetchone()
    # Whoever knows a key is not its owner yet: Pica says whose it is.
    confirmed = bool(known and known["confirmed"]) or is_in_vault(user, given.connection_key)
    row = {**vars(given), **owner, "confirmed": confirmed}
    with closing(database()) as db, db:
        # In one statement, so that two requests at once leave one row.
        db.execute(
            """INSERT INTO pica_connections
                 (identity_type, identity, connection_key, platform, environment, state, name, confirmed)
               VALUES (:identity_type, :identity, :connection_key, :platform, :environment, :state,
                 :name, :confirmed)
               ON CONFLICT (identity_type, identity, connection_key) DO UPDATE SET
                 environment = excluded.environment, state = excluded.state, name = excluded.name,
                 confirmed = max(pica_connections.confirmed, excluded.confirmed),
                 created_at = CASE WHEN pica_connections.confirmed THEN pica_connections.created_at
                   ELSE excluded.created_at END""",
            row,
        )
    return JSONResponse(shown(row), (200 if known else 201) if confirmed else 202)


@app.delete("/api/connections/{key:path}", status_code=204, response_class=Response)
def delete(key: str, user: str = Depends(user_for("connections"))):
    with closing(database()) as db, db:
        deleted = db.execute(
            """DELETE FROM pica_connections
               WHERE identity_type = ? AND identity = ? AND connection_key = ?""",
            [IDENTITY_TYPE, user, key],
        ).rowcount
    # Another user's is answered like one that is not there: nobody learns that it is.
    if deleted == 0:
        raise HTTPException(404, "There is no such connection.")
