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

# Who owns connections. Your server decides this, never the request. Could also be "team", "organization", "project".
IDENTITY_TYPE = "user"

# The environment that this secret key can see.
ENVIRONMENT = "test" if PICA_SECRET_KEY.startswith("sk_test") else "live"

app = FastAPI()


def user_for(purpose: str):
    """The user named by a valid "purpose.user.expires.signature". Replace this if you have other credentials."""
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
    """AuthKit's page calls the token endpoint from its own origin, and must be able to read refusals too."""
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
        deadline = time.monotonic() + 10
        flags = ask_pica("GET", "/v1/users/flags", deadline)
        owner = {"identity": user, "identityType": IDENTITY_TYPE}
        rows = []
        for found in pages_of("POST", "/v1/authkit?", deadline, owner):
            rows += found["rows"]
    except PicaError as error:
        print("Pica gave no token:", error)
        return JSONResponse({"error": "Pica gave no token."}, error.status, error.headers)
    return {
        "rows": rows,
        "page": 1,
        "pages": 1,
        "total": found.get("total"),
        "requestId": found.get("requestId"),
        "isWhiteLabel": flags.get("authkitWhitelist", False),
    }


class PicaError(Exception):
    """Pica failed: what to answer, and when to ask again if that can help."""

    def __init__(self, reason: str, status: int = 502, retry_after: str = ""):
        super().__init__(reason)
        self.status = status
        self.headers = {"Retry-After": retry_after} if retry_after else {}


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would send the secret key to whatever server it names."""

    def redirect_request(self, *_):
        return None  # makes it an HTTPError


pica = urllib.request.build_opener(NoRedirects)


def ask_pica(method: str, path: str, deadline: float, body: Optional[dict] = None) -> dict:
    headers = {"X-Pica-Secret": PICA_SECRET_KEY, "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(PICA_API + path, data, headers, method=method)
    try:
        # Any status but 2xx is an HTTPError.
        with pica.open(request, timeout=max(deadline - time.monotonic(), 0.1)) as response:
            text = b""
            # That limit applies to each part of an answer, and there may be many.
            while part := response.read1():
                text += part
                if time.monotonic() > deadline:
                    raise socket.timeout
        answer = json.loads(text)
    except urllib.error.HTTPError as error:
        retry_after = "10" if error.code >= 500 else ""
        if error.code == 429:
            given = error.headers.get("Retry-After") or ""
            retry_after = given if re.fullmatch("[0-9]{1,5}", given) else "60"
        raise PicaError(f"status {error.code}", 429 if error.code == 429 else 502, retry_after) from None
    except (OSError, http.client.HTTPException) as error:
        # Not the message: some repeat headers or Pica's answer, which may contain the secret key.
        is_late = isinstance(getattr(error, "reason", error), socket.timeout)
        raise PicaError(type(error).__name__, 504 if is_late else 502, "10") from None
    except (ValueError, RecursionError) as error:
        raise PicaError(type(error).__name__) from None
    if not isinstance(answer, dict):
        raise PicaError("no JSON object")
    return answer


def pages_of(method: str, path: str, deadline: float, body: Optional[dict] = None) -> Iterator[dict]:
    """One of Pica's lists, page by page. Refuses more than a hundred, in case the count is nonsense."""
    page = pages = 1
    while page <= pages:
        answer = ask_pica(method, f"{path}limit=100&page={page}", deadline, body)
        pages = answer.get("pages")
        if not isinstance(answer.get("rows"), list) or not isinstance(pages, int) or pages > 100:
            raise PicaError("no list, or one without an end")
        yield answer
        page += 1


def vault_of(user: str, deadline: float) -> Iterator[Dict[str, dict]]:
    """This user's connections at Pica by key, page by page. Drops any other rows in the answers."""
    owner = {"identity": user, "identityType": IDENTITY_TYPE}
    for found in pages_of("GET", f"/v1/vault/connections?{urlencode(owner)}&", deadline):
        yield {
            str(row.get("key")): row
            for row in found["rows"]
            if isinstance(row, dict)
            and row.get("identity") == user
            and (row.get("identityType") or "user") == IDENTITY_TYPE
        }


@app.exception_handler(sqlite3.Error)
def no_database(_: Request, error: sqlite3.Error):
    """A failure here may be temporary: another process holds a lock, or the disk is full."""
    print("The database cannot be reached:", error)
    return JSONResponse({"error": "Try again later."}, 503, {"Retry-After": "10"})


@app.exception_handler(Exception)
def unforeseen(_: Request, error: Exception):
    return JSONResponse({"error": "Something went wrong."}, 500)


def database() -> sqlite3.Connection:
    # Fail after waiting five seconds for a lock.
    db = sqlite3.connect("connections.sqlite", timeout=5)
    db.row_factory = sqlite3.Row
    # Unique by owner and key, so that somebody else's claim can't block a key's owner.
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
    # Tables of earlier versions. The oldest has rows that were never compared with the vault.
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


def confirm(user: str, listed: Dict[str, dict]) -> None:
    with closing(database()) as db, db:
        db.executemany(
            f"""UPDATE pica_connections SET confirmed = 1, unlisted_since = NULL,
                  platform = coalesce(?, platform), environment = coalesce(?, environment)
                WHERE {MINE} AND connection_key = ? AND confirmed = 0""",
            [
                [text_or_none(row.get("platform")), text_or_none(row.get("environment")), IDENTITY_TYPE, user, key]
                for key, row in listed.items()
            ],
        )


def compare_with_vault(user: str, deadline: float, is_over: Callable[[], bool]) -> None:
    """Confirms rows that the vault has, reading no more pages than needed; drops those missing for ten minutes."""
    for listed in vault_of(user, deadline):
        confirm(user, listed)
        if is_over():
            return
    # With a test key, the vault lists no live connections, and vice versa.
    unlisted = f"{MINE} AND confirmed = 0 AND environment = ?"
    theirs = [IDENTITY_TYPE, user, ENVIRONMENT]
    with closing(database()) as db, db:
        db.execute(
            f"""DELETE FROM pica_connections WHERE {unlisted}
                AND unlisted_since < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 minutes')""",
            theirs,
        )
        db.execute(
            f"""UPDATE pica_connections SET unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
                WHERE {unlisted} AND unlisted_since IS NULL""",
            theirs,
        )


# Users with a running look-up: one at a time each, so that nobody can keep this process busy.
looking_up: Set[str] = set()


async def look_up(user: str, is_over: Callable[[], bool], seconds: int, pauses: Iterable[int] = (0,)) -> None:
    """Looks into the vault after each pause, until it is over or Pica fails. Skips it if one is running for this user."""
    if user in looking_up:
        return
    looking_up.add(user)
    deadline = time.monotonic() + seconds
    try:
        for pause in pauses:
            await asyncio.sleep(pause)
            await run_in_threadpool(compare_with_vault, user, deadline, is_over)
            if await run_in_threadpool(is_over):
                return
    except PicaError as error:
        print("Pica did not say whose connections these are:", error)
    finally:
        looking_up.discard(user)


def shown(row: dict) -> dict:
    """Never use an unconfirmed row's key: the user has only claimed it."""
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
    def is_over() -> bool:
        return all(row["confirmed"] for row in rows_of(user))

    if not await run_in_threadpool(is_over):
        await look_up(user, is_over, 5)
    return [shown(row) for row in await run_in_threadpool(rows_of, user)]


def claim(user: str, given: Connection) -> bool:
    """Stores the row, unconfirmed unless it was confirmed before. Returns whether it was there."""
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
    # Stored before asking Pica, so that nothing is lost.
    is_known = await run_in_threadpool(claim, user, given)

    def is_over() -> bool:
        row = find(user, given.connection_key)
        return not row or row["confirmed"]

    # Knowing a key proves nothing: Pica says whose it is. Its vault may lag behind.
    if not await run_in_threadpool(is_over):
        await look_up(user, is_over, 15, (0, 1, 3, 6))
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
    # The same answer for another user's key, so that nobody learns that it exists.
    if deleted == 0:
        raise HTTPException(404, "There is no such connection.")
