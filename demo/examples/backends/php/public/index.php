<?php
declare(strict_types=1);

// A printed warning would break the JSON. PHP's log still gets it.
ini_set('display_errors', '0');

// The type of owner. Never take it from a request. It could also be 'team', 'organization' or 'project'.
const IDENTITY_TYPE = 'user';

/** A setting is wrong. The message is safe to show in the browser. */
final class SetupError extends RuntimeException {}

/** Has the status to answer with, and Retry-After if trying again can help. */
final class PicaError extends RuntimeException
{
    public function __construct(
        string $reason,
        public readonly int $status = 502,
        public readonly string $retry_after = '',
    ) {
        parent::__construct($reason);
    }
}

function setting(string $name, string $default = ''): string
{
    $value = trim(getenv($name) ?: $default);
    if ($value === '') {
        throw new SetupError("Set $name.");
    }
    return $value;
}

function respond(int $status, mixed $body = null): never
{
    http_response_code($status);
    if ($body !== null) {
        header('Content-Type: application/json');
        echo json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }
    exit;
}

/** Returns the user named by a valid "purpose.user.expires.signature". Replace this if you use other credentials. */
function authenticate(string $purpose): string
{
    $pattern = "/^Bearer (($purpose)\.(.+)\.([0-9]+))\.([0-9a-f]{64})$/D";
    // Apache passes this header on only with `CGIPassAuth On`, or as REDIRECT_HTTP_AUTHORIZATION.
    $header = $_SERVER['HTTP_AUTHORIZATION'] ?? $_SERVER['REDIRECT_HTTP_AUTHORIZATION'] ?? '';
    if (preg_match($pattern, $header, $match) === 1) {
        [, $signed, , $user, $expires, $signature] = $match;
        $expected = hash_hmac('sha256', $signed, setting('CREDENTIAL_SECRET'));
        if (hash_equals($expected, $signature) && (int) $expires >= time()) {
            return $user;
        }
    }
    respond(401, ['error' => 'Sign in first.']);
}

/** @return array<string, mixed> */
function call_pica(string $method, string $path, float $deadline, ?array $body = null): array
{
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => ['X-Pica-Secret: ' . setting('PICA_SECRET_KEY'), 'Content-Type: application/json'],
        'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
        'timeout' => max($deadline - microtime(true), 0.1),
        // With HTTP 1.1, fread() would wait for the full length in chunked responses.
        'protocol_version' => 1.0,
        // A redirect would send the secret key to another server.
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]);
    // Print neither PHP's warnings nor Pica's response: they could contain the secret key.
    $response = @fopen(setting('PICA_API', 'https://api.picaos.com') . $path, 'r', false, $context);
    $headers = $response ? stream_get_meta_data($response)['wrapper_data'] : [];
    $status = (int) (explode(' ', $headers[0] ?? '')[1] ?? 0);
    $text = '';
    // PHP's own timeout applies to each part of a response, and there may be many.
    while ($response && !feof($response) && microtime(true) < $deadline) {
        $text .= @fread($response, 65536);
    }
    if (microtime(true) > $deadline - 0.05) {
        throw new PicaError('no answer in time', 504, '10');
    }
    if ($status === 429) {
        $has_seconds = preg_match('/^retry-after: *([0-9]{1,5})$/im', implode("\n", $headers), $match) === 1;
        throw new PicaError('status 429', 429, $has_seconds ? $match[1] : '60');
    }
    $answer = json_decode($text, true);
    if (intdiv($status, 100) !== 2 || !is_array($answer)) {
        $may_recover = $status === 0 || $status >= 500;
        throw new PicaError("status $status, or no JSON", 502, $may_recover ? '10' : '');
    }
    return $answer;
}

/** Yields one of Pica's lists, page by page. Accepts at most a hundred pages, in case Pica's count is wrong. */
function fetch_pages(string $method, string $path, float $deadline, ?array $body = null): Generator
{
    for ($page = $pages = 1; $page <= $pages; $page++) {
        $answer = call_pica($method, "{$path}limit=100&page=$page", $deadline, $body);
        $pages = $answer['pages'] ?? null;
        if (!is_array($answer['rows'] ?? null) || !is_int($pages) || $pages > 100) {
            throw new PicaError('no list, or too many pages');
        }
        yield $answer;
    }
}

function create_token(string $user): array
{
    $deadline = microtime(true) + 10;
    $flags = call_pica('GET', '/v1/users/flags', $deadline);
    $rows = [];
    $owner = ['identity' => $user, 'identityType' => IDENTITY_TYPE];
    foreach (fetch_pages('POST', '/v1/authkit?', $deadline, $owner) as $page) {
        $rows = [...$rows, ...array_values($page['rows'])];
    }
    return [
        'rows' => $rows,
        'page' => 1,
        'pages' => 1,
        'total' => $page['total'] ?? null,
        'requestId' => $page['requestId'] ?? null,
        'isWhiteLabel' => $flags['authkitWhitelist'] ?? false,
    ];
}

/** Yields this user's connections at Pica, page by page. Drops all other rows. */
function fetch_vault(string $user, float $deadline): Generator
{
    $owner = http_build_query(['identity' => $user, 'identityType' => IDENTITY_TYPE]);
    $is_owned = fn (mixed $row) => is_array($row)
        && ($row['identity'] ?? null) === $user
        && ($row['identityType'] ?? 'user') === IDENTITY_TYPE
        && is_string($row['key'] ?? null);
    foreach (fetch_pages('GET', "/v1/vault/connections?$owner&", $deadline) as $page) {
        yield array_filter($page['rows'], $is_owned);
    }
}

/** Rejects a folder that the web server serves, because anybody could download the file from there. */
function database_file(): string
{
    $file = setting('DATABASE_FILE');
    $folder = realpath(dirname($file)) . DIRECTORY_SEPARATOR;
    foreach (array_filter([__DIR__, $_SERVER['DOCUMENT_ROOT'] ?? '']) as $root) {
        if (str_starts_with($folder, realpath($root) . DIRECTORY_SEPARATOR)) {
            throw new SetupError('DATABASE_FILE must be outside the document root.');
        }
    }
    return $file;
}

function database(): PDO
{
    $database = new PDO('sqlite:' . database_file(), options: [
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        // Fail after waiting for a lock for five seconds.
        PDO::ATTR_TIMEOUT => 5,
    ]);
    // Unique by owner and key, so that nobody can block a key's owner by claiming it first.
    $database->exec("CREATE TABLE IF NOT EXISTS pica_connections (
        identity_type TEXT NOT NULL, identity TEXT NOT NULL, connection_key TEXT NOT NULL,
        platform TEXT NOT NULL, environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT,
        confirmed INTEGER NOT NULL DEFAULT 0, unlisted_since TEXT,
        created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        PRIMARY KEY (identity_type, identity, connection_key))");
    // Users with a lookup in progress, and when it counts as dead.
    $database->exec('CREATE TABLE IF NOT EXISTS pica_lookups (
        identity_type TEXT NOT NULL, identity TEXT NOT NULL, ends_at INTEGER NOT NULL,
        PRIMARY KEY (identity_type, identity))');
    // Migrate tables of earlier versions. The oldest has rows that were never compared with the vault.
    $columns = $database->query('PRAGMA table_info(pica_connections)')->fetchAll();
    if (!in_array('unlisted_since', array_column($columns, 'name'), true)) {
        $database->exec('ALTER TABLE pica_connections ADD COLUMN unlisted_since TEXT');
    }
    if ($database->query("SELECT 1 FROM sqlite_master WHERE name = 'connections'")->fetch()) {
        $database->beginTransaction();
        $database->exec("INSERT OR IGNORE INTO pica_connections
              (identity_type, identity, connection_key, platform, environment, state, name, created_at)
            SELECT '" . IDENTITY_TYPE . "', user, connection_key, platform, environment, state, name, created_at
            FROM connections");
        $database->exec('DROP TABLE connections');
        $database->commit();
    }
    return $database;
}

function run(string $sql, string|int|null ...$values): PDOStatement
{
    static $database = null;
    $database ??= database();
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement;
}

const BY_OWNER = 'identity_type = ? AND identity = ?';

/** Confirms rows that the vault has. Deletes rows that it has lacked for ten minutes. Stops when $is_done says so. */
function compare_with_vault(string $user, float $deadline, callable $is_done): void
{
    $text = fn (mixed $value) => is_string($value) ? $value : null;
    foreach (fetch_vault($user, $deadline) as $listed) {
        foreach ($listed as $row) {
            run(
                'UPDATE pica_connections SET confirmed = 1, unlisted_since = NULL,
                   platform = coalesce(?, platform), environment = coalesce(?, environment)
                 WHERE ' . BY_OWNER . ' AND connection_key = ? AND confirmed = 0',
                ...[$text($row['platform'] ?? null), $text($row['environment'] ?? null)],
                ...[IDENTITY_TYPE, $user, $row['key']],
            );
        }
        if ($is_done()) {
            return;
        }
    }
    // With a test key, the vault lists no live connections, and the other way round.
    $environment = str_starts_with(setting('PICA_SECRET_KEY'), 'sk_test') ? 'test' : 'live';
    $unlisted = [IDENTITY_TYPE, $user, $environment];
    run('DELETE FROM pica_connections WHERE ' . BY_OWNER . " AND environment = ? AND confirmed = 0
         AND unlisted_since < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 minutes')", ...$unlisted);
    run("UPDATE pica_connections SET unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
         WHERE " . BY_OWNER . ' AND environment = ? AND confirmed = 0 AND unlisted_since IS NULL', ...$unlisted);
}

/**
 * Reads the vault after each pause, until it's done or Pica fails. Does nothing if this user already has a lookup in
 * progress, so that nobody can keep more than one of PHP's processes busy.
 */
function look_up(string $user, callable $is_done, int $timeout_seconds, array $pauses_seconds): void
{
    $ends_at = time() + 60; // Longer than any lookup takes, in case its process dies.
    $reserved = run(
        'INSERT INTO pica_lookups (identity_type, identity, ends_at) VALUES (?, ?, ?)
         ON CONFLICT (identity_type, identity) DO UPDATE SET ends_at = excluded.ends_at WHERE ends_at < ?',
        ...[IDENTITY_TYPE, $user, $ends_at, time()],
    )->rowCount();
    if ($reserved === 0) {
        return;
    }
    $deadline = microtime(true) + $timeout_seconds;
    try {
        foreach ($pauses_seconds as $seconds) {
            sleep($seconds);
            compare_with_vault($user, $deadline, $is_done);
            if ($is_done()) {
                return;
            }
        }
    } catch (PicaError $error) {
        error_log("Could not confirm connections with Pica: {$error->getMessage()}");
    } finally {
        run('DELETE FROM pica_lookups WHERE ' . BY_OWNER, IDENTITY_TYPE, $user);
    }
}

/** Never use the key of an unconfirmed row: it may be somebody else's. */
function to_public(array $row): array
{
    $confirmed = (bool) $row['confirmed'];
    return [...$row, 'confirmed' => $confirmed, 'state' => $confirmed ? $row['state'] : 'unknown'];
}

function rows_of(string $user): array
{
    $rows = run('SELECT * FROM pica_connections WHERE ' . BY_OWNER . ' ORDER BY created_at', IDENTITY_TYPE, $user);
    return $rows->fetchAll();
}

function find(string $user, string $key): array|false
{
    $id = [IDENTITY_TYPE, $user, $key];
    return run('SELECT * FROM pica_connections WHERE ' . BY_OWNER . ' AND connection_key = ?', ...$id)->fetch();
}

function list_connections(string $user): array
{
    $is_done = fn (): bool => !in_array(0, array_column(rows_of($user), 'confirmed'));
    if (!$is_done()) {
        look_up($user, $is_done, 5, [0]);
    }
    return array_map('to_public', rows_of($user));
}

function save_connection(string $user): never
{
    $body = stream_get_contents(fopen('php://input', 'r'), 16 * 1024 + 1);
    if (strlen($body) > 16 * 1024) {
        respond(413, ['error' => 'Send 16 KiB at most.']);
    }
    $input = json_decode($body, true);
    $text = fn (string $name, ?string $default) => is_array($input) ? $input[$name] ?? $default : null;
    $row = [
        'connection_key' => $text('connection_key', null),
        'platform' => $text('platform', null),
        'environment' => $text('environment', 'live'),
        'state' => $text('state', 'operational'),
        'name' => $text('name', null),
    ];
    foreach ($row as $name => $value) {
        $is_text = is_string($value) && $value !== '' && strlen($value) <= 500;
        if (!$is_text && !($name === 'name' && $value === null)) {
            respond(400, ['error' => "$name must be a string."]);
        }
    }
    $key = $row['connection_key'];
    $existed = find($user, $key) !== false;
    // If the user already has an unconfirmed row, read the vault only once. Otherwise each queued request would keep
    // one of PHP's processes busy for ten seconds.
    $pauses_seconds = in_array(0, array_column(rows_of($user), 'confirmed')) ? [0] : [0, 1, 3, 6];
    // Store it before asking Pica, so that it isn't lost if the lookup fails. In one statement, so that two requests
    // can't both count 19 rows.
    $is_stored = run(
        'INSERT INTO pica_connections (connection_key, platform, environment, state, name, identity_type, identity)
         SELECT ?, ?, ?, ?, ?, ?, ?
         WHERE EXISTS (SELECT 1 FROM pica_connections WHERE ' . BY_OWNER . ' AND connection_key = ?)
           OR (SELECT COUNT(*) FROM pica_connections WHERE ' . BY_OWNER . ' AND confirmed = 0) < 20
         ON CONFLICT (identity_type, identity, connection_key) DO UPDATE SET
           platform = CASE WHEN confirmed THEN platform ELSE excluded.platform END,
           environment = CASE WHEN confirmed THEN environment ELSE excluded.environment END,
           state = excluded.state, name = excluded.name, unlisted_since = NULL',
        ...array_values($row),
        ...[IDENTITY_TYPE, $user, IDENTITY_TYPE, $user, $key, IDENTITY_TYPE, $user],
    )->rowCount();
    if ($is_stored === 0) {
        header('Retry-After: 600');
        respond(429, ['error' => 'Too many unconfirmed connections.']);
    }
    // Knowing a key proves nothing, so ask Pica whose it is. The vault may list a new connection late.
    $is_done = function () use ($user, $key): bool {
        $row = find($user, $key);
        return !$row || $row['confirmed'];
    };
    if (!$is_done()) {
        look_up($user, $is_done, 15, $pauses_seconds);
    }
    $row = find($user, $key);
    if (!$row) {
        respond(404, ['error' => 'It was deleted meanwhile.']);
    }
    respond($row['confirmed'] ? ($existed ? 200 : 201) : 202, to_public($row));
}

function delete_connection(string $key, string $user): never
{
    $id = [IDENTITY_TYPE, $user, $key];
    $deleted = run('DELETE FROM pica_connections WHERE ' . BY_OWNER . ' AND connection_key = ?', ...$id)->rowCount();
    // Answer the same for another user's key, so that nobody learns that it exists.
    $deleted > 0 ? respond(204) : respond(404, ['error' => 'There is no such connection.']);
}

$method = $_SERVER['REQUEST_METHOD'];
$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

try {
    if ($path === '/api/authkit/token') {
        // AuthKit's page calls this from its own origin. It must be able to read errors too.
        header('Access-Control-Allow-Origin: ' . setting('AUTHKIT_ORIGIN', 'https://authkit.picaos.com'));
        header('Access-Control-Allow-Methods: POST, OPTIONS');
        header('Access-Control-Allow-Headers: authorization, content-type');
        header('Access-Control-Max-Age: 600');
        if ($method === 'OPTIONS') {
            respond(204);
        }
        if ($method !== 'POST') {
            header('Allow: POST, OPTIONS');
            respond(405, ['error' => 'Use POST.']);
        }
        $user = authenticate('token');
        try {
            $token = create_token($user);
        } catch (PicaError $error) {
            error_log("Pica returned no token: {$error->getMessage()}");
            if ($error->retry_after !== '') {
                header("Retry-After: $error->retry_after");
            }
            respond($error->status, ['error' => 'Pica returned no token.']);
        }
        respond(200, $token);
    }
    if ($path === '/api/connections' && $method === 'GET') {
        respond(200, list_connections(authenticate('connections')));
    }
    if ($path === '/api/connections' && $method === 'POST') {
        if (strtolower(trim(explode(';', $_SERVER['CONTENT_TYPE'] ?? '')[0])) !== 'application/json') {
            respond(415, ['error' => 'Send application/json.']);
        }
        save_connection(authenticate('connections'));
    }
    if (preg_match('#^/api/connections/([^/]+)$#', $path, $match) === 1 && $method === 'DELETE') {
        delete_connection(rawurldecode($match[1]), authenticate('connections'));
    }
    respond(404, ['error' => 'There is no such endpoint.']);
} catch (SetupError $error) {
    error_log($error->getMessage());
    respond(500, ['error' => $error->getMessage()]);
} catch (PDOException $error) {
    // The failure may be temporary: another process locks the database, or the disk is full.
    error_log("Database error: {$error->getMessage()}");
    header('Retry-After: 10');
    respond(503, ['error' => 'Try again later.']);
} catch (Throwable $error) {
    // Leave out the trace: it contains arguments.
    error_log("{$error->getMessage()} ({$error->getFile()}:{$error->getLine()})");
    respond(500, ['error' => 'Something went wrong.']);
}
