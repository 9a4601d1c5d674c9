import asyncio
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
from typing import Dict, Literal, Optional, Set, Tuple
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StrictStr

PICA_SECRET_KEY = os.environ["PICA_SECRET_KEY"].strip()
CREDENTIAL_SECRET = os.environ["CREDENTIAL_SECRET"]
PICA_API = os.environ.get("PICA_API") or "https://api.picaos.com"
AUTHKIT_ORIGIN = os.environ.get("AUTHKIT_ORIGIN") or "https://authkit.picaos.com"

# Who owns connections: your server decides, never the request. Or "team", "organization", "project".
IDENTITY_TYPE = "user"

# What the vault shows for this secret key.
ENVIRONMENT = "test" if PICA_SECRET_KEY.startswith("sk_test") else "live"

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
        if not found["is_complete"]:
            raise PicaError("Too many pages.")
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


def all_pages(method: str, path: str, body: Optional[dict] = None, seconds: float = 10) -> dict:
    """The last answer, with the rows of all pages; of 20 at most, and of no more than come in time."""
    deadline = time.monotonic() + seconds
    rows, page = [], 1
    while True:
        answer = ask_pica(method, f"{path}limit=100&page={page}", body)
        if not isinstance(answer.get("rows"), list) or not isinstance(answer.get("pages"), int):
            raise PicaError("An answer without rows.")
        rows += answer["rows"]
        is_complete = page >= answer["pages"]
        if is_complete or page == 20 or time.monotonic() > deadline:
            return {**answer, "rows": rows, "is_complete": is_complete}
        page += 1


def vault_of(user: str, seconds: float) -> Tuple[Dict[str, dict], bool]:
    """This user's connections at Pica by key, whatever else the answer lists; and whether these are all."""
    owner = {"identity": user, "identityType": IDENTITY_TYPE}
    found = all_pages("GET", f"/v1/vault/connections?{urlencode(owner)}&", seconds=seconds)
    mine = {
        str(row.get("key")): row
        for row in found["rows"]
        if isinstance(row, dict)
        and row.get("identity") == user
        and (row.get("identityType") or "user") == IDENTITY_TYPE
    }
    return mine, found["is_complete"]


def database() -> sqlite3.Connection:
    db = sqlite3.connect("connections.sqlite")
    db.row_factory = sqlite3.Row
    # Unique by owner and key: claiming somebody's key must not keep the owner out.
    db.execute(
        """CREATE TABLE IF NOT EXISTS pica_connections (
             identity_type TEXT NOT NULL, identity TEXT NOT NULL, connection_key TEXT NOT NULL,
             platform TEXT NOT NULL, environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT,
             confirmed INTEGER NOT NULL DEFAULT 0, unlisted_since TEXT,
             created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
             PRIMARY KEY (identity_type, identity, connection_key))"""
    )
    return db


with closing(database()) as db, db:
    # The tables of earlier versions. What the oldest one has, nobody has compared with the vault yet.
    columns = [column["name"] for column in db.execute("PRAGMA table_info(pica_connections)")]
    if "unlisted_since" not in columns:
        db.execute("ALTER TABLE pica_connections ADD COLUMN unlisted_since TEXT")
    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'connections'").fetchone():
        db.execute(
            """INSERT OR IGNORE INTO pica_connections
                 (identity_type, identity, connection_key, platform, environment, state, name, created_at)
               SELECT ?, user, connection_key, platform, environment, state, name, created_at
               FROM connections""",
            [IDENTITY_TYPE],
        )
        db.execute("DROP TABLE connections")


MINE = "identity_type = ? AND identity = ?"


def find(user: str, key: str) -> Optional[dict]:
    with closing(database()) as db:
        row = db.execute(
            f"SELECT * FROM pica_connections WHERE {MINE} AND connection_key = ?",
            [IDENTITY_TYPE, user, key],
        ).fetchone()
    return row and dict(row)


def text_or_none(value) -> Optional[str]:
    return value if isinstance(value, str) else None


def compare_with_vault(user: str, seconds: float) -> None:
    """Confirms the rows that the vault has by now, and drops those it has not had for ten minutes."""
    owner = [IDENTITY_TYPE, user]
    listed, is_complete = vault_of(user, seconds)
    with closing(database()) as db, db:
        db.executemany(
            f"""UPDATE pica_connections SET confirmed = 1, unlisted_since = NULL,
                  platform = coalesce(?, platform), environment = coalesce(?, environment)
                WHERE {MINE} AND connection_key = ? AND confirmed = 0""",
            [
                [text_or_none(row.get("platform")), text_or_none(row.get("environment")), *owner, key]
                for key, row in listed.items()
            ],
        )
        if is_complete:
            # With a test key the vault says nothing about live connections, and the other way round.
            unlisted = f"{MINE} AND confirmed = 0 AND environment = ?"
            db.execute(
                f"""DELETE FROM pica_connections WHERE {unlisted}
                    AND unlisted_since < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 minutes')""",
                [*owner, ENVIRONMENT],
            )
            db.execute(
                f"""UPDATE pica_connections SET unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
                    WHERE {unlisted} AND unlisted_since IS NULL""",
                [*owner, ENVIRONMENT],
            )


# One look-up at a time is all that a user can keep this process busy with.
looking_up: Set[str] = set()


async def look_up(user: str, pauses: Tuple[int, ...] = (0,), is_over=None) -> None:
    """Looks into the vault after each pause, unless it is being looked at for this user, or Pica is away."""
    if user in looking_up:
        return
    looking_up.add(user)
    deadline = time.monotonic() + 15
    try:
        for pause in pauses:
            await asyncio.sleep(pause)
            await run_in_threadpool(compare_with_vault, user, deadline - time.monotonic())
            if is_over and await is_over():
                return
    except PicaError as error:
        print("Pica did not say whose connections these are:", error)
    finally:
        looking_up.discard(user)


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


async def connection_in(request: Request) -> Connection:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > 16 * 1024:
            raise HTTPException(413, "Send 16 KiB at most.")
    try:
        return Connection(**json.loads(body))
    except (TypeError, ValueError, RecursionError):
        raise HTTPException(400, "platform and connection_key must be texts.") from None


def rows_of(user: str) -> list:
    with closing(database()) as db:
        rows = db.execute(
            f"SELECT * FROM pica_connections WHERE {MINE} ORDER BY created_at", [IDENTITY_TYPE, user]
        )
        return [dict(row) for row in rows]


@app.get("/api/connections")
async def connections(user: str = Depends(user_for("connections"))):
    rows = await run_in_threadpool(rows_of, user)
    if not all(row["confirmed"] for row in rows):
        await look_up(user)
        rows = await run_in_threadpool(rows_of, user)
    return [shown(row) for row in rows]


def claim(user: str, given: Connection) -> bool:
    """Stores it, not confirmed unless it was already; whether it was there."""
    row = {**vars(given), "identity_type": IDENTITY_TYPE, "identity": user}
    with closing(database()) as db, db:
        db.execute("BEGIN IMMEDIATE")
        rows = db.execute(f"SELECT * FROM pica_connections WHERE {MINE}", [IDENTITY_TYPE, user]).fetchall()
        is_known = any(other["connection_key"] == given.connection_key for other in rows)
        if not is_known and sum(not other["confirmed"] for other in rows) >= 20:
            raise HTTPException(429, "Too many are not confirmed yet.", {"Retry-After": "600"})
        db.execute(
            """INSERT INTO pica_connections
                 (identity_type, identity, connection_key, platform, environment, state, name)
               VALUES (:identity_type, :identity, :connection_key, :platform, :environment, :state, :name)
               ON CONFLICT (identity_type, identity, connection_key) DO UPDATE SET
                 platform = CASE WHEN confirmed THEN platform ELSE excluded.platform END,
                 environment = CASE WHEN confirmed THEN environment ELSE excluded.environment END,
                 state = excluded.state, name = excluded.name, unlisted_since = NULL""",
            row,
        )
    return is_known


@app.post("/api/connections", dependencies=[Depends(json_only)])
async def store(request: Request, user: str = Depends(user_for("connections"))):
    given = await connection_in(request)
    # Before Pica is asked, so that nothing is lost meanwhile.
    is_known = await run_in_threadpool(claim, user, given)

    async def is_over() -> bool:
        row = await run_in_threadpool(find, user, given.connection_key)
        return not row or row["confirmed"]

    # Whoever knows a key is not its owner yet: Pica says whose it is. The vault may lag behind.
    if not await is_over():
        await look_up(user, (0, 1, 3, 6), is_over)
    row = await run_in_threadpool(find, user, given.connection_key)
    if row is None:
        raise HTTPException(404, "It was deleted meanwhile.")
    return JSONResponse(shown(row), (200 if is_known else 201) if row["confirmed"] else 202)


@app.delete("/api/connections/{key:path}", status_code=204, response_class=Response)
def delete(key: str, user: str = Depends(user_for("connections"))):
    with closing(database()) as db, db:
        deleted = db.execute(
            f"DELETE FROM pica_connections WHERE {MINE} AND connection_key = ?",
            [IDENTITY_TYPE, user, key],
        ).rowcount
    # Another user's is answered like one that is not there: nobody learns that it is.
    if deleted == 0:
        raise HTTPException(404, "There is no such connection.")
