import asyncio
import hashlib
import hmac
import http.client
import json
import os
import re
import socket
import sqlite3
import time
import urllib.error
import urllib.request
from contextlib import closing
from typing import Callable, Dict, Iterable, Iterator, Literal, Optional, Set
from urllib.parse import urlencode

from fastapi import Depends, FastAPI, Header, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field, StrictStr

PICA_SECRET_KEY = os.environ["PICA_SECRET_KEY"].strip()
CREDENTIAL_SECRET = os.environ["CREDENTIAL_SECRET"]
PICA_API = os.environ.get("PICA_API") or "https://api.picaos.com"
AUTHKIT_ORIGIN = os.environ.get("AUTHKIT_ORIGIN") or "https://authkit.picaos.com"

# The type of owner. Never take it from a request. It could also be "team", "organization" or "project".
IDENTITY_TYPE = "user"

# The environment that this secret key can see.
ENVIRONMENT = "test" if PICA_SECRET_KEY.startswith("sk_test") else "live"

app = FastAPI()


def require_user(purpose: str):
    """A dependency: the user of a valid "purpose.user.expires.signature". Replace it if you use other credentials."""
    pattern = re.compile(rf"Bearer ({purpose}\.(.+)\.([0-9]+))\.([0-9a-f]{{64}})")

    def user(authorization: str = Header("")) -> str:
        if match := pattern.fullmatch(authorization):
            signed, name, expires, signature = match.groups()
            expected = hmac.new(CREDENTIAL_SECRET.encode(), signed.encode(), hashlib.sha256)
            if hmac.compare_digest(signature, expected.hexdigest()) and int(expires) >= time.time():
                return name
        raise HTTPException(401, "Sign in first.")

    return user


@app.middleware("http")
async def add_cors_headers(request: Request, call_next):
    """AuthKit's page calls the token endpoint from its own origin. It must be able to read errors too."""
    if request.url.path != "/api/authkit/token":
        return await call_next(request)
    response = Response(status_code=204) if request.method == "OPTIONS" else await call_next(request)
    response.headers["Access-Control-Allow-Origin"] = AUTHKIT_ORIGIN
    response.headers["Access-Control-Allow-Methods"] = "POST, OPTIONS"
    response.headers["Access-Control-Allow-Headers"] = "authorization, content-type"
    response.headers["Access-Control-Max-Age"] = "600"
    return response


@app.post("/api/authkit/token")
def create_token(user: str = Depends(require_user("token"))):
    try:
        deadline = time.monotonic() + 10
        flags = call_pica("GET", "/v1/users/flags", deadline)
        owner = {"identity": user, "identityType": IDENTITY_TYPE}
        rows = []
        for page in fetch_pages("POST", "/v1/authkit?", deadline, owner):
            rows += page["rows"]
    except PicaError as error:
        print("Pica returned no token:", error)
        return JSONResponse({"error": "Pica returned no token."}, error.status, error.headers)
    return {
        "rows": rows,
        "page": 1,
        "pages": 1,
        "total": page.get("total"),
        "requestId": page.get("requestId"),
        "isWhiteLabel": flags.get("authkitWhitelist", False),
    }


class PicaError(Exception):
    """Has the status to answer with, and Retry-After if trying again can help."""

    def __init__(self, reason: str, status: int = 502, retry_after: str = ""):
        super().__init__(reason)
        self.status = status
        self.headers = {"Retry-After": retry_after} if retry_after else {}


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would send the secret key to another server."""

    def redirect_request(self, *_):
        return None  # urllib then raises an HTTPError


pica = urllib.request.build_opener(NoRedirects)


def call_pica(method: str, path: str, deadline: float, body: Optional[dict] = None) -> dict:
    headers = {"X-Pica-Secret": PICA_SECRET_KEY, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(PICA_API + path, data, headers, method=method)
    try:
        # Raises an HTTPError unless the status is 2xx.
        with pica.open(request, timeout=max(deadline - time.monotonic(), 0.1)) as response:
            text = b""
            # The timeout applies to each part of a response, and there may be many.
            while part := response.read1():
                text += part
                if time.monotonic() > deadline:
                    raise socket.timeout
        answer = json.loads(text)
    except urllib.error.HTTPError as error:
        retry_after = "10" if error.code >= 500 else ""
        if error.code == 429:
            seconds = error.headers.get("Retry-After") or ""
            retry_after = seconds if re.fullmatch("[0-9]{1,5}", seconds) else "60"
        raise PicaError(f"status {error.code}", 429 if error.code == 429 else 502, retry_after) from None
    except (OSError, http.client.HTTPException) as error:
        # Leave out the message: some repeat headers or Pica's response, which may contain the secret key.
        is_timeout = isinstance(getattr(error, "reason", error), socket.timeout)
        raise PicaError(type(error).__name__, 504 if is_timeout else 502, "10") from None
    except (ValueError, RecursionError) as error:
        raise PicaError(type(error).__name__) from None
    if not isinstance(answer, dict):
        raise PicaError("no JSON object")
    return answer


def fetch_pages(method: str, path: str, deadline: float, body: Optional[dict] = None) -> Iterator[dict]:
    """Yields one of Pica's lists, page by page. Accepts at most a hundred pages, in case Pica's count is wrong."""
    page = pages = 1
    while page <= pages:
        answer = call_pica(method, f"{path}limit=100&page={page}", deadline, body)
        pages = answer.get("pages")
        if not isinstance(answer.get("rows"), list) or not isinstance(pages, int) or pages > 100:
            raise PicaError("no list, or too many pages")
        yield answer
        page += 1


def fetch_vault(user: str, deadline: float) -> Iterator[Dict[str, dict]]:
    """Yields this user's connections at Pica, one dict by key for each page. Drops all other rows."""
    owner = {"identity": user, "identityType": IDENTITY_TYPE}
    for page in fetch_pages("GET", f"/v1/vault/connections?{urlencode(owner)}&", deadline):
        yield {
            str(row.get("key")): row
            for row in page["rows"]
            if isinstance(row, dict)
            and row.get("identity") == user
            and (row.get("identityType") or "user") == IDENTITY_TYPE
        }


@app.exception_handler(sqlite3.Error)
def database_error(_: Request, error: sqlite3.Error):
    """The failure may be temporary: another process holds a lock, or the disk is full."""
    print("Database error:", error)
    return JSONResponse({"error": "Try again later."}, 503, {"Retry-After": "10"})


@app.exception_handler(Exception)
def unexpected_error(_: Request, error: Exception):
    return JSONResponse({"error": "Something went wrong."}, 500)


def database() -> sqlite3.Connection:
    # Fail after waiting for a lock for five seconds.
    db = sqlite3.connect("connections.sqlite", timeout=5)
    db.row_factory = sqlite3.Row
    # Unique by owner and key, so that nobody can block a key's owner by claiming it first.
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
    # Migrate tables of earlier versions. The oldest has rows that were never compared with the vault.
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


BY_OWNER = "identity_type = ? AND identity = ?"


def find(user: str, key: str) -> Optional[dict]:
    with closing(database()) as db:
        row = db.execute(
            f"SELECT * FROM pica_connections WHERE {BY_OWNER} AND connection_key = ?",
            [IDENTITY_TYPE, user, key],
        ).fetchone()
    return row and dict(row)


def text_or_none(value) -> Optional[str]:
    return value if isinstance(value, str) else None


def confirm(user: str, listed: Dict[str, dict]) -> None:
    with closing(database()) as db, db:
        db.executemany(
            f"""UPDATE pica_connections SET confirmed = 1, unlisted_since = NULL,
                  platform = coalesce(?, platform), environment = coalesce(?, environment)
                WHERE {BY_OWNER} AND connection_key = ? AND confirmed = 0""",
            [
                [text_or_none(row.get("platform")), text_or_none(row.get("environment")), IDENTITY_TYPE, user, key]
                for key, row in listed.items()
            ],
        )


def compare_with_vault(user: str, deadline: float, is_done: Callable[[], bool]) -> None:
    """Confirms rows that the vault has. Deletes rows that it has lacked for ten minutes."""
    for listed in fetch_vault(user, deadline):
        confirm(user, listed)
        if is_done():
            return
    # With a test key, the vault lists no live connections, and the other way round.
    unlisted = f"{BY_OWNER} AND confirmed = 0 AND environment = ?"
    values = [IDENTITY_TYPE, user, ENVIRONMENT]
    with closing(database()) as db, db:
        db.execute(
            f"""DELETE FROM pica_connections WHERE {unlisted}
                AND unlisted_since < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 minutes')""",
            values,
        )
        db.execute(
            f"""UPDATE pica_connections SET unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
                WHERE {unlisted} AND unlisted_since IS NULL""",
            values,
        )


# Users with a lookup in progress. Each may have only one, so that nobody can keep this process busy.
active_lookups: Set[str] = set()


async def look_up(
    user: str, is_done: Callable[[], bool], timeout_seconds: int, pauses_seconds: Iterable[int] = (0,)
) -> None:
    """Reads the vault after each pause, until it's done or Pica fails."""
    if user in active_lookups:
        return
    active_lookups.add(user)
    deadline = time.monotonic() + timeout_seconds
    try:
        for seconds in pauses_seconds:
            await asyncio.sleep(seconds)
            await run_in_threadpool(compare_with_vault, user, deadline, is_done)
            if await run_in_threadpool(is_done):
                return
    except PicaError as error:
        print("Could not confirm connections with Pica:", error)
    finally:
        active_lookups.discard(user)


def to_public(row: dict) -> dict:
    """Never use the key of an unconfirmed row: it may be somebody else's."""
    confirmed = bool(row["confirmed"])
    return {**row, "confirmed": confirmed, "state": row["state"] if confirmed else "unknown"}


class Connection(BaseModel):
    platform: StrictStr = Field(min_length=1, max_length=100)
    connection_key: StrictStr = Field(min_length=1, max_length=500)
    environment: Literal["live", "test"] = "live"
    state: Literal["operational", "degraded", "failed", "unknown"] = "operational"
    name: Optional[StrictStr] = Field(None, max_length=200)


def require_json(content_type: str = Header("")) -> None:
    if content_type.partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(415, "Send application/json.")


async def read_connection(request: Request) -> Connection:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > 16 * 1024:
            raise HTTPException(413, "Send 16 KiB at most.")
    try:
        return Connection(**json.loads(body))
    except (TypeError, ValueError, RecursionError):
        raise HTTPException(400, "platform and connection_key must be strings.") from None


def rows_of(user: str) -> list:
    with closing(database()) as db:
        rows = db.execute(
            f"SELECT * FROM pica_connections WHERE {BY_OWNER} ORDER BY created_at", [IDENTITY_TYPE, user]
        )
        return [dict(row) for row in rows]


@app.get("/api/connections")
async def list_connections(user: str = Depends(require_user("connections"))):
    def is_done() -> bool:
        return all(row["confirmed"] for row in rows_of(user))

    if not await run_in_threadpool(is_done):
        await look_up(user, is_done, 5)
    return [to_public(row) for row in await run_in_threadpool(rows_of, user)]


def claim(user: str, connection: Connection) -> bool:
    """Stores the row. A new one is unconfirmed. Returns whether it existed."""
    row = {**vars(connection), "identity_type": IDENTITY_TYPE, "identity": user}
    with closing(database()) as db, db:
        db.execute("BEGIN IMMEDIATE")
        rows = db.execute(f"SELECT * FROM pica_connections WHERE {BY_OWNER}", [IDENTITY_TYPE, user]).fetchall()
        existed = any(other["connection_key"] == connection.connection_key for other in rows)
        if not existed and sum(not other["confirmed"] for other in rows) >= 20:
            raise HTTPException(429, "Too many unconfirmed connections.", {"Retry-After": "600"})
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
    return existed


@app.post("/api/connections", dependencies=[Depends(require_json)])
async def save_connection(request: Request, user: str = Depends(require_user("connections"))):
    connection = await read_connection(request)
    # Store it before asking Pica, so that it isn't lost if the lookup fails.
    existed = await run_in_threadpool(claim, user, connection)

    def is_done() -> bool:
        row = find(user, connection.connection_key)
        return not row or row["confirmed"]

    # Knowing a key proves nothing, so ask Pica whose it is. The vault may list a new connection late.
    if not await run_in_threadpool(is_done):
        await look_up(user, is_done, 15, (0, 1, 3, 6))
    row = await run_in_threadpool(find, user, connection.connection_key)
    if row is None:
        raise HTTPException(404, "It was deleted meanwhile.")
    return JSONResponse(to_public(row), (200 if existed else 201) if row["confirmed"] else 202)


@app.delete("/api/connections/{key:path}", status_code=204, response_class=Response)
def delete_connection(key: str, user: str = Depends(require_user("connections"))):
    with closing(database()) as db, db:
        deleted = db.execute(
            f"DELETE FROM pica_connections WHERE {BY_OWNER} AND connection_key = ?",
            [IDENTITY_TYPE, user, key],
        ).rowcount
    # Answer the same for another user's key, so that nobody learns that it exists.
    if deleted == 0:
        raise HTTPException(404, "There is no such connection.")
