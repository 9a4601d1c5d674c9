<?php
declare(strict_types=1);

// A warning in front of JSON would break it. PHP's log still gets it.
ini_set('display_errors', '0');

// Who owns connections. Your server decides this, never the request. Could also be 'team', 'organization', 'project'.
const IDENTITY_TYPE = 'user';

/** A wrong setting. The browser may see the message. */
final class SetupError extends RuntimeException {}

/** Pica failed: what to answer, and when to ask again if that can help. */
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

function answer(int $status, mixed $body = null): never
{
    http_response_code($status);
    if ($body !== null) {
        header('Content-Type: application/json');
        echo json_encode($body, JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
    }
    exit;
}

/** The user named by a valid "purpose.user.expires.signature". Replace this if you have other credentials. */
function user_for(string $purpose): string
{
    $pattern = "/^Bearer (($purpose)\.(.+)\.([0-9]+))\.([0-9a-f]{64})$/D";
    // Apache passes this header on with `CGIPassAuth On`, or as REDIRECT_HTTP_AUTHORIZATION.
    $header = $_SERVER['HTTP_AUTHORIZATION'] ?? $_SERVER['REDIRECT_HTTP_AUTHORIZATION'] ?? '';
    if (preg_match($pattern, $header, $found) === 1) {
        [, $signed, , $user, $expires, $signature] = $found;
        $expected = hash_hmac('sha256', $signed, setting('CREDENTIAL_SECRET'));
        if (hash_equals($expected, $signature) && (int) $expires >= time()) {
            return $user;
        }
    }
    answer(401, ['error' => 'Sign in first.']);
}

/** @return array<string, mixed> */
function ask_pica(string $method, string $path, float $deadline, ?array $body = null): array
{
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => ['X-Pica-Secret: ' . setting('PICA_SECRET_KEY'), 'Content-Type: application/json'],
        'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
        'timeout' => max($deadline - microtime(true), 0.1),
        // HTTP 1.0, because fread() waits for the full length in chunked answers of 1.1.
        'protocol_version' => 1.0,
        // A redirect would send the secret key to whatever server it names.
        'follow_location' => 0,
        'ignore_errors' => true,
    ]]);
    // Don't print PHP's warnings or Pica's answer: they could contain the secret key.
    $response = @fopen(setting('PICA_API', 'https://api.picaos.com') . $path, 'r', false, $context);
    $headers = $response ? stream_get_meta_data($response)['wrapper_data'] : [];
    $status = (int) (explode(' ', $headers[0] ?? '')[1] ?? 0);
    $text = '';
    // PHP's own limit applies to each part of an answer, and there may be many.
    while ($response && !feof($response) && microtime(true) < $deadline) {
        $text .= @fread($response, 65536);
    }
    if (microtime(true) > $deadline - 0.05) {
        throw new PicaError('no answer in time', 504, '10');
    }
    if ($status === 429) {
        $is_said = preg_match('/^retry-after: *([0-9]{1,5})$/im', implode("\n", $headers), $found) === 1;
        throw new PicaError('status 429', 429, $is_said ? $found[1] : '60');
    }
    $answer = json_decode($text, true);
    if (intdiv($status, 100) !== 2 || !is_array($answer)) {
        $may_recover = $status === 0 || $status >= 500;
        throw new PicaError("status $status, or no JSON", 502, $may_recover ? '10' : '');
    }
    return $answer;
}

/** One of Pica's lists, page by page. Refuses more than a hundred, in case the count is nonsense. */
function pages_of(string $method, string $path, float $deadline, ?array $body = null): Generator
{
    for ($page = $pages = 1; $page <= $pages; $page++) {
        $answer = ask_pica($method, "{$path}limit=100&page=$page", $deadline, $body);
        $pages = $answer['pages'] ?? null;
        if (!is_array($answer['rows'] ?? null) || !is_int($pages) || $pages > 100) {
            throw new PicaError('no list, or one without an end');
        }
        yield $answer;
    }
}

function token(string $user): array
{
    $deadline = microtime(true) + 10;
    $flags = ask_pica('GET', '/v1/users/flags', $deadline);
    $rows = [];
    $owner = ['identity' => $user, 'identityType' => IDENTITY_TYPE];
    foreach (pages_of('POST', '/v1/authkit?', $deadline, $owner) as $found) {
        $rows = [...$rows, ...array_values($found['rows'])];
    }
    return [
        'rows' => $rows,
        'page' => 1,
        'pages' => 1,
        'total' => $found['total'] ?? null,
        'requestId' => $found['requestId'] ?? null,
        'isWhiteLabel' => $flags['authkitWhitelist'] ?? false,
    ];
}

/** This user's connections at Pica, page by page. Drops any other rows in the answers. */
function vault_of(string $user, float $deadline): Generator
{
    $owner = http_build_query(['identity' => $user, 'identityType' => IDENTITY_TYPE]);
    $is_mine = fn (mixed $row) => is_array($row)
        && ($row['identity'] ?? null) === $user
        && ($row['identityType'] ?? 'user') === IDENTITY_TYPE
        && is_string($row['key'] ?? null);
    foreach (pages_of('GET', "/v1/vault/connections?$owner&", $deadline) as $found) {
        yield array_filter($found['rows'], $is_mine);
    }
}

/** Refuses a folder that the web server serves, because anybody could download the file. */
function database_file(): string
{
    $file = setting('DATABASE_FILE');
    $folder = realpath(dirname($file)) . DIRECTORY_SEPARATOR;
    foreach (array_filter([__DIR__, $_SERVER['DOCUMENT_ROOT'] ?? '']) as $root) {
        if (str_starts_with($folder, realpath($root) . DIRECTORY_SEPARATOR)) {
            throw new SetupError('DATABASE_FILE must lie outside the document root.');
        }
    }
    return $file;
}

function database(): PDO
{
    $database = new PDO('sqlite:' . database_file(), options: [
        PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC,
        // Fail after waiting five seconds for a lock.
        PDO::ATTR_TIMEOUT => 5,
    ]);
    // Unique by owner and key, so that somebody else's claim can't block a key's owner.
    $database->exec("CREATE TABLE IF NOT EXISTS pica_connections (
        identity_type TEXT NOT NULL, identity TEXT NOT NULL, connection_key TEXT NOT NULL,
        platform TEXT NOT NULL, environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT,
        confirmed INTEGER NOT NULL DEFAULT 0, unlisted_since TEXT,
        created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        PRIMARY KEY (identity_type, identity, connection_key))");
    // Users with a running look-up, and when it ends at the latest.
    $database->exec('CREATE TABLE IF NOT EXISTS pica_lookups (
        identity_type TEXT NOT NULL, identity TEXT NOT NULL, ends_at INTEGER NOT NULL,
        PRIMARY KEY (identity_type, identity))');
    // Tables of earlier versions. The oldest has rows that were never compared with the vault.
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

const MINE = 'identity_type = ? AND identity = ?';

/** Confirms rows that the vault has, reading no more pages than needed; drops those missing from it for ten minutes. */
function compare_with_vault(string $user, float $deadline, callable $is_over): void
{
    $text = fn (mixed $value) => is_string($value) ? $value : null;
    foreach (vault_of($user, $deadline) as $listed) {
        foreach ($listed as $row) {
            run(
                'UPDATE pica_connections SET confirmed = 1, unlisted_since = NULL,
                   platform = coalesce(?, platform), environment = coalesce(?, environment)
                 WHERE ' . MINE . ' AND connection_key = ? AND confirmed = 0',
                ...[$text($row['platform'] ?? null), $text($row['environment'] ?? null)],
                ...[IDENTITY_TYPE, $user, $row['key']],
            );
        }
        if ($is_over()) {
            return;
        }
    }
    // With a test key, the vault lists no live connections, and vice versa.
    $environment = str_starts_with(setting('PICA_SECRET_KEY'), 'sk_test') ? 'test' : 'live';
    $unlisted = [IDENTITY_TYPE, $user, $environment];
    run('DELETE FROM pica_connections WHERE ' . MINE . " AND environment = ? AND confirmed = 0
         AND unlisted_since < strftime('%Y-%m-%dT%H:%M:%SZ', 'now', '-10 minutes')", ...$unlisted);
    run("UPDATE pica_connections SET unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
         WHERE " . MINE . ' AND environment = ? AND confirmed = 0 AND unlisted_since IS NULL', ...$unlisted);
}

/**
 * Looks into the vault after each pause, until it is over or Pica fails. Skips it if a look-up is running for this
 * user, so that nobody can keep more than one of PHP's processes busy.
 */
function look_up(string $user, callable $is_over, int $seconds, array $pauses): void
{
    $ends_at = time() + 60; // Longer than any look-up, in case its process dies.
    $is_mine = run(
        'INSERT INTO pica_lookups (identity_type, identity, ends_at) VALUES (?, ?, ?)
         ON CONFLICT (identity_type, identity) DO UPDATE SET ends_at = excluded.ends_at WHERE ends_at < ?',
        ...[IDENTITY_TYPE, $user, $ends_at, time()],
    )->rowCount();
    if ($is_mine === 0) {
        return;
    }
    $deadline = microtime(true) + $seconds;
    try {
        foreach ($pauses as $pause) {
            sleep($pause);
            compare_with_vault($user, $deadline, $is_over);
            if ($is_over()) {
                return;
            }
        }
    } catch (PicaError $error) {
        error_log("Pica did not say whose connections these are: {$error->getMessage()}");
    } finally {
        run('DELETE FROM pica_lookups WHERE ' . MINE, IDENTITY_TYPE, $user);
    }
}

/** Never use an unconfirmed row's key: the user has only claimed it. */
function shown(array $row): array
{
    $confirmed = (bool) $row['confirmed'];
    return [...$row, 'confirmed' => $confirmed, 'state' => $confirmed ? $row['state'] : 'unknown'];
}

function rows_of(string $user): array
{
    $rows = run('SELECT * FROM pica_connections WHERE ' . MINE . ' ORDER BY created_at', IDENTITY_TYPE, $user);
    return $rows->fetchAll();
}

function find(string $user, string $key): array|false
{
    $mine = [IDENTITY_TYPE, $user, $key];
    return run('SELECT * FROM pica_connections WHERE ' . MINE . ' AND connection_key = ?', ...$mine)->fetch();
}

function connections(string $user): array
{
    $is_over = fn (): bool => !in_array(0, array_column(rows_of($user), 'confirmed'));
    if (!$is_over()) {
        look_up($user, $is_over, 5, [0]);
    }
    return array_map('shown', rows_of($user));
}

function store(string $user): never
{
    $body = stream_get_contents(fopen('php://input', 'r'), 16 * 1024 + 1);
    if (strlen($body) > 16 * 1024) {
        answer(413, ['error' => 'Send 16 KiB at most.']);
    }
    $given = json_decode($body, true);
    $text = fn (string $name, ?string $default) => is_array($given) ? $given[$name] ?? $default : null;
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
            answer(400, ['error' => "$name must be a text."]);
        }
    }
    $key = $row['connection_key'];
    $is_known = find($user, $key) !== false;
    // With an unconfirmed row, look only once: else requests that queue up for one of PHP's processes would keep it
    // busy for ten seconds each.
    $pauses = in_array(0, array_column(rows_of($user), 'confirmed')) ? [0] : [0, 1, 3, 6];
    // Stored before asking Pica, so that nothing is lost. In one statement, so that no two requests both count 19.
    $is_stored = run(
        'INSERT INTO pica_connections (connection_key, platform, environment, state, name, identity_type, identity)
         SELECT ?, ?, ?, ?, ?, ?, ?
         WHERE EXISTS (SELECT 1 FROM pica_connections WHERE ' . MINE . ' AND connection_key = ?)
           OR (SELECT COUNT(*) FROM pica_connections WHERE ' . MINE . ' AND confirmed = 0) < 20
         ON CONFLICT (identity_type, identity, connection_key) DO UPDATE SET
           platform = CASE WHEN confirmed THEN platform ELSE excluded.platform END,
           environment = CASE WHEN confirmed THEN environment ELSE excluded.environment END,
           state = excluded.state, name = excluded.name, unlisted_since = NULL',
        ...array_values($row),
        ...[IDENTITY_TYPE, $user, IDENTITY_TYPE, $user, $key, IDENTITY_TYPE, $user],
    )->rowCount();
    if ($is_stored === 0) {
        header('Retry-After: 600');
        answer(429, ['error' => 'Too many are not confirmed yet.']);
    }
    // Knowing a key proves nothing: Pica says whose it is. Its vault may lag behind.
    $is_over = function () use ($user, $key): bool {
        $row = find($user, $key);
        return !$row || $row['confirmed'];
    };
    if (!$is_over()) {
        look_up($user, $is_over, 15, $pauses);
    }
    $row = find($user, $key);
    if (!$row) {
        answer(404, ['error' => 'It was deleted meanwhile.']);
    }
    answer($row['confirmed'] ? ($is_known ? 200 : 201) : 202, shown($row));
}

function delete_connection(string $key, string $user): never
{
    $mine = [IDENTITY_TYPE, $user, $key];
    $deleted = run('DELETE FROM pica_connections WHERE ' . MINE . ' AND connection_key = ?', ...$mine)->rowCount();
    // The same answer for another user's key, so that nobody learns that it exists.
    $deleted > 0 ? answer(204) : answer(404, ['error' => 'There is no such connection.']);
}

$method = $_SERVER['REQUEST_METHOD'];
$path = (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

try {
    if ($path === '/api/authkit/token') {
        // AuthKit's page calls this from its own origin, and must be able to read refusals too.
        header('Access-Control-Allow-Origin: ' . setting('AUTHKIT_ORIGIN', 'https://authkit.picaos.com'));
        header('Access-Control-Allow-Methods: POST, OPTIONS');
        header('Access-Control-Allow-Headers: authorization, content-type');
        header('Access-Control-Max-Age: 600');
        if ($method === 'OPTIONS') {
            answer(204);
        }
        if ($method !== 'POST') {
            header('Allow: POST, OPTIONS');
            answer(405, ['error' => 'Use POST.']);
        }
        $user = user_for('token');
        try {
            $token = token($user);
        } catch (PicaError $error) {
            error_log("Pica gave no token: {$error->getMessage()}");
            if ($error->retry_after !== '') {
                header("Retry-After: $error->retry_after");
            }
            answer($error->status, ['error' => 'Pica gave no token.']);
        }
        answer(200, $token);
    }
    if ($path === '/api/connections' && $method === 'GET') {
        answer(200, connections(user_for('connections')));
    }
    if ($path === '/api/connections' && $method === 'POST') {
        if (strtolower(trim(explode(';', $_SERVER['CONTENT_TYPE'] ?? '')[0])) !== 'application/json') {
            answer(415, ['error' => 'Send application/json.']);
        }
        store(user_for('connections'));
    }
    if (preg_match('#^/api/connections/([^/]+)$#', $path, $found) === 1 && $method === 'DELETE') {
        delete_connection(rawurldecode($found[1]), user_for('connections'));
    }
    answer(404, ['error' => 'There is no such endpoint.']);
} catch (SetupError $error) {
    error_log($error->getMessage());
    answer(500, ['error' => $error->getMessage()]);
} catch (PDOException $error) {
    // A failure here may be temporary: another process locks the database, or the disk is full.
    error_log("The database cannot be reached: {$error->getMessage()}");
    header('Retry-After: 10');
    answer(503, ['error' => 'Try again later.']);
} catch (Throwable $error) {
    // Without the trace, which contains arguments.
    error_log("{$error->getMessage()} ({$error->getFile()}:{$error->getLine()})");
    answer(500, ['error' => 'Something went wrong.']);
}
