<?php
declare(strict_types=1);

function setting(string $name, string $default = ''): string
{
    $value = getenv($name) ?: $default;
    if ($value === '') {
        throw new RuntimeException("Set $name.");
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

/** The user whose credential it is: "user.expires.signature". Yours may be any other. */
function user(): string
{
    $pattern = '/^Bearer ((.+)\.(\d+))\.([0-9a-f]{64})$/';
    // Apache passes this header on with `CGIPassAuth On`, or as REDIRECT_HTTP_AUTHORIZATION.
    $header = $_SERVER['HTTP_AUTHORIZATION'] ?? $_SERVER['REDIRECT_HTTP_AUTHORIZATION'] ?? '';
    if (preg_match($pattern, $header, $found) === 1) {
        [, $signed, $user, $expires, $signature] = $found;
        $expected = hash_hmac('sha256', $signed, setting('CREDENTIAL_SECRET'));
        if (hash_equals($expected, $signature) && (int) $expires >= time()) {
            return $user;
        }
    }
    answer(401, ['error' => 'Sign in first.']);
}

/** @return array<string, mixed> */
function ask_pica(string $method, string $path, ?array $body = null): array
{
    $context = stream_context_create(['http' => [
        'method' => $method,
        'header' => ['X-Pica-Secret: ' . setting('PICA_SECRET_KEY'), 'Content-Type: application/json'],
        'content' => $body === null ? '' : json_encode($body, JSON_THROW_ON_ERROR),
        'timeout' => 10,
    ]]);
    // False for any status but 2xx. The warning would say why, with the address.
    $text = @file_get_contents(setting('PICA_API', 'https://api.picaos.com') . $path, false, $context);
    if ($text === false) {
        throw new RuntimeException("Pica refused $path.");
    }
    return json_decode($text, true, flags: JSON_THROW_ON_ERROR);
}

function token(string $user): array
{
    $flags = ask_pica('GET', '/v1/users/flags');
    $rows = [];
    for ($page = 1, $pages = 1; $page <= $pages; $page++) {
        $found = ask_pica('POST', "/v1/authkit?limit=100&page=$page", ['identity' => $user, 'identityType' => 'user']);
        $rows = [...$rows, ...$found['rows']];
        $pages = $found['pages'];
    }
    return [
        'rows' => $rows,
        'page' => 1,
        'pages' => 1,
        'total' => $found['total'],
        'requestId' => $found['requestId'],
        'isWhiteLabel' => $flags['authkitWhitelist'] ?? false,
    ];
}

function database(): PDO
{
    $database = new PDO('sqlite:connections.sqlite', options: [PDO::ATTR_DEFAULT_FETCH_MODE => PDO::FETCH_ASSOC]);
    $database->exec("CREATE TABLE IF NOT EXISTS connections (
        connection_key TEXT PRIMARY KEY, user TEXT NOT NULL, platform TEXT NOT NULL,
        environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT,
        created_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')))");
    return $database;
}

function run(string $sql, string|null ...$values): PDOStatement
{
    static $database = null;
    $database ??= database();
    $statement = $database->prepare($sql);
    $statement->execute($values);
    return $statement;
}

function connections(string $user): array
{
    return run('SELECT * FROM connections WHERE user = ? ORDER BY created_at', $user)->fetchAll();
}

function store(string $user): never
{
    $given = json_decode(file_get_contents('php://input'), true);
    $text = fn (string $name, ?string $default) => is_array($given) ? $given[$name] ?? $default : null;
    $row = [
        'connection_key' => $text('connection_key', null),
        'user' => $user,
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
    $known = run('SELECT 1 FROM connections WHERE connection_key = ?', $row['connection_key'])->fetch();
    // In one statement, so that two requests at once leave one row, and its owner the owner.
    $changed = run(
        'INSERT INTO connections (connection_key, user, platform, environment, state, name) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (connection_key) DO UPDATE SET environment = excluded.environment,
           state = excluded.state, name = excluded.name WHERE user = excluded.user',
        ...array_values($row),
    )->rowCount();
    if ($changed === 0) {
        answer(409, ['error' => 'This connection is another user’s.']);
    }
    answer($known ? 200 : 201, $row);
}

function delete_connection(string $key, string $user): never
{
    $deleted = run('DELETE FROM connections WHERE connection_key = ? AND user = ?', $key, $user)->rowCount();
    // Another user's is answered like one that is not there: nobody learns that it is.
    $deleted > 0 ? answer(204) : answer(404, ['error' => 'There is no such connection.']);
}

$method = $_SERVER['REQUEST_METHOD'];
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

try {
    if ($path === '/api/authkit/token') {
        // AuthKit's page calls this one, from its own origin; it has to be able to read refusals as well.
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
        $user = user();
        try {
            $token = token($user);
        } catch (RuntimeException | JsonException $error) {
            error_log($error->getMessage());
            answer(502, ['error' => 'Pica gave no token.']);
        }
        answer(200, $token);
    }
    if ($path === '/api/connections' && $method === 'GET') {
        answer(200, connections(user()));
    }
    if ($path === '/api/connections' && $method === 'POST') {
        store(user());
    }
    if (preg_match('#^/api/connections/([^/]+)$#', $path, $found) === 1 && $method === 'DELETE') {
        delete_connection(rawurldecode($found[1]), user());
    }
    answer(404, ['error' => 'There is no such endpoint.']);
} catch (Exception $error) {
    error_log((string) $error);
    answer(500, ['error' => 'Something went wrong.']);
}
