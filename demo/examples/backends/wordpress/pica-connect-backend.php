<?php
/**
 * Plugin Name: Backend for pica-connect
 * Description: The token endpoint and the stored connections for pica-connect's elements.
 * Version: 2.2.0
 * Requires PHP: 8.1
 * License: MIT
 */

declare(strict_types=1);

namespace PicaConnect\Backend;

use Generator;
use RuntimeException;
use Throwable;
use WP_Error;
use WP_REST_Request;
use WP_REST_Response;

defined('ABSPATH') || exit;

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

/** A failing database may recover: something else locks the table, or the disk is full. */
final class DatabaseError extends RuntimeException {}

/** A setting from wp-config.php: define('PICA_SECRET_KEY', 'sk_…'). */
function setting(string $name, string $default = ''): string
{
    return defined($name) ? trim((string) constant($name)) : $default;
}

/** Who owns a connection. Your site decides this, never the request. Could also be 'team', 'organization', 'project'. */
function owner_for(int $user): array
{
    return ['identity_type' => 'user', 'identity' => (string) $user];
}

/** Who may connect accounts, and list and remove their own. */
function may_connect(int $user): bool
{
    return $user !== 0 && user_can($user, apply_filters('pica_connect_capability', 'read'));
}

const SCHEMA = '3';

function table(): string
{
    global $wpdb;
    return $wpdb->prefix . 'pica_connect_connections';
}

function install(): void
{
    global $wpdb;
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    $table = table();
    // Unique by owner and key, so that somebody else's claim can't block a key's owner. By the key's
    // hash, because older MySQL limits an index to 767 bytes. Identities are bytes, because collations ignore case.
    dbDelta("CREATE TABLE $table (
        identity_type varchar(20) NOT NULL,
        identity varbinary(100) NOT NULL,
        key_hash char(64) NOT NULL,
        connection_key varchar(500) NOT NULL,
        platform varchar(100) NOT NULL,
        environment varchar(10) NOT NULL,
        state varchar(20) NOT NULL,
        name varchar(200) DEFAULT NULL,
        confirmed tinyint(1) NOT NULL DEFAULT 0,
        unlisted_since datetime DEFAULT NULL,
        created_at datetime NOT NULL,
        PRIMARY KEY  (identity_type,identity,key_hash)
    ) {$wpdb->get_charset_collate()};");
    if ($wpdb->last_error !== '') {
        return; // The next request tries again.
    }
    // The table of an earlier version, whose rows were never compared with the vault.
    $earlier = $wpdb->prefix . 'pica_connections';
    if ($wpdb->get_var($wpdb->prepare('SHOW TABLES LIKE %s', $wpdb->esc_like($earlier)))) {
        $columns = 'key_hash, connection_key, platform, environment, state, name, created_at';
        $copied = $wpdb->query("INSERT IGNORE INTO $table (identity_type, identity, $columns)
            SELECT 'user', user_id, $columns FROM $earlier");
        if ($copied === false) {
            return;
        }
        $wpdb->query("DROP TABLE $earlier");
    }
    update_option('pica_connect_backend_schema', SCHEMA);
}

function uninstall(): void
{
    global $wpdb;
    $wpdb->query('DROP TABLE IF EXISTS ' . table());
    delete_option('pica_connect_backend_schema');
}

register_activation_hook(__FILE__, __NAMESPACE__ . '\install');
register_uninstall_hook(__FILE__, __NAMESPACE__ . '\uninstall');
// Updating the file doesn't run the activation hook.
add_action('init', function (): void {
    if (get_option('pica_connect_backend_schema') !== SCHEMA) {
        install();
    }
});

add_action('deleted_user', function (int $user): void {
    run('DELETE FROM ' . table() . ' WHERE ' . MINE, ...array_values(owner_for($user)));
});

/** @return list<array<string, string|null>> */
function run(string $sql, string|int|null ...$values): array
{
    global $wpdb;
    // It would print errors in front of the JSON. They go to PHP's log instead.
    $were_shown = $wpdb->hide_errors();
    $done = $wpdb->query($values === [] ? $sql : $wpdb->prepare($sql, $values));
    $wpdb->show_errors($were_shown);
    // Some errors have no text.
    if ($done === false) {
        throw new DatabaseError($wpdb->last_error ?: 'no connection');
    }
    return array_map('get_object_vars', $wpdb->last_result);
}

const MINE = 'identity_type = %s AND identity = %s';

/**
 * The credential that AuthKit's page sends, because WordPress' cookies don't reach it. Valid for ten minutes, for
 * tokens only.
 */
function credential_for(int $user): string
{
    $signed = "token.$user." . (time() + 600);
    return $signed . '.' . hash_hmac('sha256', $signed, wp_salt('auth'));
}

/** Returns 0 for an invalid credential. Not in Authorization, which many web servers don't pass to PHP. */
function user_of(WP_REST_Request $request): int
{
    $credential = (string) $request->get_header('x-pica-user');
    if (preg_match('/^(token\.([0-9]+)\.([0-9]+))\.([0-9a-f]{64})$/D', $credential, $found) !== 1) {
        return 0;
    }
    [, $signed, $user, $expires, $signature] = $found;
    $is_valid = hash_equals(hash_hmac('sha256', $signed, wp_salt('auth')), $signature);
    return $is_valid && (int) $expires >= time() ? (int) $user : 0;
}

/** @return array<string, mixed> */
function ask_pica(string $method, string $path, float $deadline, ?array $body = null): array
{
    $late = new PicaError('no answer in time', 504, '10');
    // Without PHP's curl, WordPress' own limit applies to each part of an answer, and there may be many.
    $stop_late = fn () => microtime(true) > $deadline ? throw $late : null;
    add_action('requests-request.progress', $stop_late);
    try {
        $response = wp_remote_request(setting('PICA_API', 'https://api.picaos.com') . $path, [
            'method' => $method,
            'headers' => ['X-Pica-Secret' => setting('PICA_SECRET_KEY'), 'Content-Type' => 'application/json'],
            'body' => $body === null ? null : wp_json_encode($body),
            'timeout' => max($deadline - microtime(true), 0.1),
            // A redirect would send the secret key to whatever server it names.
            'redirection' => 0,
        ]);
    } finally {
        remove_action('requests-request.progress', $stop_late);
    }
    $status = (int) wp_remote_retrieve_response_code($response);
    if ($status === 0 && microtime(true) > $deadline - 0.05) {
        throw $late;
    }
    if ($status === 429) {
        $seconds = (string) wp_remote_retrieve_header($response, 'retry-after');
        throw new PicaError('status 429', 429, preg_match('/^[0-9]{1,5}$/D', $seconds) === 1 ? $seconds : '60');
    }
    $answer = json_decode(wp_remote_retrieve_body($response), true);
    if (intdiv($status, 100) !== 2 || !is_array($answer)) {
        // Neither Pica's answer nor the error's message, which could contain the secret key.
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

/** This owner's connections at Pica, page by page. Drops any other rows in the answers. */
function vault_of(array $owner, float $deadline): Generator
{
    ['identity' => $identity, 'identity_type' => $type] = $owner;
    $query = http_build_query(['identity' => $identity, 'identityType' => $type]);
    $is_mine = fn (mixed $row): bool => is_array($row)
        && ($row['identity'] ?? null) === $identity
        && ($row['identityType'] ?? 'user') === $type
        && is_string($row['key'] ?? null);
    foreach (pages_of('GET', "/v1/vault/connections?$query&", $deadline) as $found) {
        yield array_filter($found['rows'], $is_mine);
    }
}

/** An error answer, with Retry-After if asking again can help. */
function refuse(int $status, string $code, string $message, string $retry_after): WP_REST_Response
{
    $headers = $retry_after === '' ? [] : ['Retry-After' => $retry_after];
    return new WP_REST_Response(['code' => $code, 'message' => $message], $status, $headers);
}

function token(WP_REST_Request $request): array|WP_REST_Response|WP_Error
{
    $user = user_of($request);
    if (!may_connect($user)) {
        return new WP_Error('sign_in', 'Sign in first.', ['status' => 401]);
    }
    ['identity' => $identity, 'identity_type' => $type] = owner_for($user);
    try {
        $deadline = microtime(true) + 10;
        $flags = ask_pica('GET', '/v1/users/flags', $deadline);
        $rows = [];
        $body = ['identity' => $identity, 'identityType' => $type];
        foreach (pages_of('POST', '/v1/authkit?', $deadline, $body) as $found) {
            $rows = [...$rows, ...array_values($found['rows'])];
        }
    } catch (PicaError $error) {
        error_log("Pica gave no token: {$error->getMessage()}");
        return refuse($error->status, 'pica_refused', 'Pica gave no token.', $error->retry_after);
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

/** The headers for the token endpoint, as the page asks for them at each opening. */
function credential(): array
{
    return ['x-pica-user' => credential_for(get_current_user_id())];
}

/** Confirms rows that the vault has, reading no more pages than needed; drops those missing from it for ten minutes. */
function compare_with_vault(array $owner, float $deadline, callable $is_over): void
{
    $mine = array_values($owner);
    $text = fn (mixed $value): string => is_string($value) ? $value : '';
    foreach (vault_of($owner, $deadline) as $listed) {
        // One statement for each row of the vault would take too long.
        $open = array_column(unconfirmed_of($owner), 'connection_key');
        foreach ($listed as $row) {
            if (!in_array($row['key'], $open, true)) {
                continue;
            }
            run(
                'UPDATE ' . table() . " SET confirmed = 1, unlisted_since = NULL,
                   platform = COALESCE(NULLIF(%s, ''), platform), environment = COALESCE(NULLIF(%s, ''), environment)
                 WHERE " . MINE . ' AND key_hash = %s AND confirmed = 0',
                ...[$text($row['platform'] ?? null), $text($row['environment'] ?? null)],
                ...[...$mine, hash('sha256', $row['key'])],
            );
        }
        if ($is_over()) {
            return;
        }
    }
    // With a test key, the vault lists no live connections, and vice versa.
    $environment = str_starts_with(setting('PICA_SECRET_KEY'), 'sk_test') ? 'test' : 'live';
    $unlisted = MINE . ' AND environment = %s AND confirmed = 0';
    run('DELETE FROM ' . table() . " WHERE $unlisted
        AND unlisted_since < UTC_TIMESTAMP() - INTERVAL 10 MINUTE", ...[...$mine, $environment]);
    run('UPDATE ' . table() . " SET unlisted_since = UTC_TIMESTAMP()
        WHERE $unlisted AND unlisted_since IS NULL", ...[...$mine, $environment]);
}

/** Runs one request of an owner at a time. Null if another one still runs after so many seconds. */
function alone(string $what, array $owner, int $seconds, callable $do): mixed
{
    // The database releases the lock when the request ends, even if it crashes.
    $lock = 'pica_connect_' . md5(implode("\n", [DB_NAME, table(), $what, ...array_values($owner)]));
    if (run('SELECT GET_LOCK(%s, %d) AS is_mine', $lock, $seconds)[0]['is_mine'] !== '1') {
        return null;
    }
    try {
        return $do();
    } finally {
        run('SELECT RELEASE_LOCK(%s)', $lock);
    }
}

/**
 * Looks into the vault after each pause, until it is over or Pica fails. Skips it if a look-up is running for this
 * owner, so that nobody can keep more than one of PHP's processes busy.
 */
function look_up(array $owner, callable $is_over, int $seconds, array $pauses): void
{
    alone('look-up', $owner, 0, function () use ($owner, $is_over, $seconds, $pauses): void {
        $deadline = microtime(true) + $seconds;
        try {
            foreach ($pauses as $pause) {
                sleep($pause);
                compare_with_vault($owner, $deadline, $is_over);
                if ($is_over()) {
                    return;
                }
            }
        } catch (PicaError $error) {
            error_log("Pica did not say whose connections these are: {$error->getMessage()}");
        }
    });
}

/** All rows of an owner, or the one with a key. */
function rows_of(array $owner, ?string $key = null): array
{
    $columns = 'connection_key, platform, environment, state, name, confirmed, created_at';
    $sql = "SELECT $columns FROM " . table() . ' WHERE ' . MINE;
    $mine = array_values($owner);
    return $key === null
        ? run("$sql ORDER BY created_at", ...$mine)
        : run("$sql AND key_hash = %s", ...[...$mine, hash('sha256', $key)]);
}

function unconfirmed_of(array $owner): array
{
    return array_filter(rows_of($owner), fn (array $row): bool => $row['confirmed'] === '0');
}

/** Never use an unconfirmed row's key: the user has only claimed it. */
function shown(array $row): array
{
    $confirmed = (bool) $row['confirmed'];
    return [
        ...$row,
        'confirmed' => $confirmed,
        'state' => $confirmed ? $row['state'] : 'unknown',
        'created_at' => str_replace(' ', 'T', $row['created_at']) . 'Z', // UTC
    ];
}

function connections(): array
{
    $owner = owner_for(get_current_user_id());
    $is_over = fn (): bool => unconfirmed_of($owner) === [];
    if (!$is_over()) {
        look_up($owner, $is_over, 5, [0]);
    }
    return array_map(__NAMESPACE__ . '\shown', rows_of($owner));
}

/** Stores the row, unconfirmed if it is new. Returns whether it was there, or null if too many are unconfirmed. */
function claim(array $owner, WP_REST_Request $request): ?bool
{
    $key = $request['connection_key'];
    $is_known = rows_of($owner, $key) !== [];
    if (!$is_known && count(unconfirmed_of($owner)) >= 20) {
        return null;
    }
    run(
        'INSERT INTO ' . table() . " (identity_type, identity, key_hash, connection_key, platform, environment, state,
           name, created_at)
         VALUES (%s, %s, %s, %s, %s, %s, %s, NULLIF(%s, ''), UTC_TIMESTAMP())
         ON DUPLICATE KEY UPDATE platform = IF(confirmed, platform, VALUES(platform)),
           environment = IF(confirmed, environment, VALUES(environment)),
           state = VALUES(state), name = VALUES(name), unlisted_since = NULL",
        ...[...array_values($owner), hash('sha256', $key), $key],
        ...[$request['platform'], $request['environment'], $request['state'], $request['name']],
    );
    return $is_known;
}

function store(WP_REST_Request $request): WP_REST_Response|WP_Error
{
    $owner = owner_for(get_current_user_id());
    $key = $request['connection_key'];
    // Stored before asking Pica, so that nothing is lost. One at a time, so that no two requests both count 19.
    $is_known = alone('claim', $owner, 10, fn (): ?bool => claim($owner, $request));
    if ($is_known === null) {
        return refuse(429, 'too_many', 'Too many are not confirmed yet.', '600');
    }
    // Knowing a key proves nothing: Pica says whose it is. Its vault may lag behind.
    $is_over = fn (): bool => (rows_of($owner, $key)[0]['confirmed'] ?? '1') !== '0';
    if (!$is_over()) {
        look_up($owner, $is_over, 15, [0, 1, 3, 6]);
    }
    $row = rows_of($owner, $key)[0] ?? null;
    if ($row === null) {
        return new WP_Error('not_found', 'It was deleted meanwhile.', ['status' => 404]);
    }
    return new WP_REST_Response(shown($row), $row['confirmed'] === '0' ? 202 : ($is_known ? 200 : 201));
}

function delete_connection(WP_REST_Request $request): WP_REST_Response|WP_Error
{
    global $wpdb;
    // With plain permalinks, the route is in the query, and the key at the end of its path.
    $key = $request['key'] ?? basename(wp_parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
    $mine = [...array_values(owner_for(get_current_user_id())), hash('sha256', rawurldecode($key))];
    run('DELETE FROM ' . table() . ' WHERE ' . MINE . ' AND key_hash = %s', ...$mine);
    // The same answer for another user's key, so that nobody learns that it exists.
    return $wpdb->rows_affected > 0
        ? new WP_REST_Response(null, 204)
        : new WP_Error('not_found', 'There is no such connection.', ['status' => 404]);
}

/** One method of a route. Its errors become a 500, and a line in PHP's log. */
function answers(string $method, string $callback, callable $permission): array
{
    return [
        'methods' => $method,
        'permission_callback' => $permission,
        'callback' => function (WP_REST_Request $request) use ($callback) {
            try {
                // Fail after waiting five seconds for a lock. MariaDB's default is a day.
                run('SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5');
                return (__NAMESPACE__ . "\\$callback")($request);
            } catch (DatabaseError $error) {
                error_log("The database cannot be reached: {$error->getMessage()}");
                return refuse(503, 'unavailable', 'Try again later.', '10');
            } catch (Throwable $error) {
                error_log("{$error->getMessage()} ({$error->getFile()}:{$error->getLine()})");
                return new WP_Error('failed', 'Something went wrong.', ['status' => 500]);
            }
        },
    ];
}

add_action('rest_api_init', function (): void {
    // WordPress treats a request with the user's cookies as signed out if it lacks the nonce that only pages of this
    // site have. So another site can neither read nor change anything.
    $session = fn (): bool => may_connect(get_current_user_id());
    $text = ['type' => 'string', 'minLength' => 1, 'maxLength' => 500];
    $routes = [
        '/token' => [answers('POST', 'token', '__return_true')], // checks the credential itself
        '/credential' => [answers('GET', 'credential', $session)],
        '/connections' => [
            answers('GET', 'connections', $session),
            answers('DELETE', 'delete_connection', $session),
            [
                'args' => [
                    'connection_key' => ['required' => true] + $text,
                    'platform' => ['required' => true, 'maxLength' => 100] + $text,
                    'environment' => ['default' => 'live', 'enum' => ['live', 'test']] + $text,
                    'state' => [
                        'default' => 'operational',
                        'enum' => ['operational', 'degraded', 'failed', 'unknown'],
                    ] + $text,
                    'name' => ['type' => ['string', 'null'], 'maxLength' => 200],
                ],
            ] + answers('POST', 'store', $session),
        ],
        '/connections/(?P<key>.+)' => [answers('DELETE', 'delete_connection', $session)],
    ];
    foreach ($routes as $path => $methods) {
        register_rest_route('pica-connect/v1', $path, $methods);
    }
});

// Any website may send a form or plain text, so only JSON is accepted. Routes ignore case.
add_filter('rest_pre_dispatch', function ($result, $server, WP_REST_Request $request) {
    if (!str_starts_with(strtolower($request->get_route()), '/pica-connect/v1/')) {
        return $result;
    }
    $is_store = $request->get_method() === 'POST'
        && strtolower($request->get_route()) === '/pica-connect/v1/connections';
    if ($is_store && ($request->get_content_type()['value'] ?? '') !== 'application/json') {
        return new WP_Error('json_only', 'Send application/json.', ['status' => 415]);
    }
    return strlen((string) $request->get_body()) > 16 * 1024
        ? new WP_Error('too_large', 'Send 16 KiB at most.', ['status' => 413])
        : $result;
}, 10, 3);

// AuthKit's page calls the token endpoint from its own origin, and must be able to read refusals too.
add_filter('rest_pre_serve_request', function ($served, $result, WP_REST_Request $request) {
    if ($request->get_route() === '/pica-connect/v1/token') {
        header('Access-Control-Allow-Origin: ' . setting('PICA_AUTHKIT_ORIGIN', 'https://authkit.picaos.com'));
        header('Access-Control-Allow-Methods: POST, OPTIONS');
        header('Access-Control-Allow-Headers: content-type, x-pica-user');
        header_remove('Access-Control-Allow-Credentials');
    }
    return $served;
}, 20, 3);

/** [pica_connections] in a page: the signed-in user's connections, and a button for one more. */
add_shortcode('pica_connections', function (): string {
    if (!may_connect(get_current_user_id())) {
        return '';
    }
    $nonce = wp_create_nonce('wp_rest');
    $attributes = sprintf(
        'data-pica-backend token-url="%s" connections-url="%s" request-headers="%s"',
        esc_url(rest_url('pica-connect/v1/token')),
        esc_url(rest_url('pica-connect/v1/connections')),
        esc_attr(wp_json_encode(['x-wp-nonce' => $nonce])),
    );
    wp_enqueue_script('pica-connect', plugins_url('pica-connect.min.js', __FILE__), [], '1.0.0', true);
    // Not in the markup, where a page cache could keep it and serve it to others.
    wp_add_inline_script('pica-connect', sprintf(
        'for (const element of document.querySelectorAll("[data-pica-backend]")) {
           element.tokenHeaders = async () => {
             const response = await fetch(%s, { headers: { "x-wp-nonce": %s } });
             if (!response.ok) throw new Error("Load the page again, and sign in.");
             return response.json();
           };
         }',
        wp_json_encode(rest_url('pica-connect/v1/credential')),
        wp_json_encode($nonce),
    ));
    return "<pica-connect-button $attributes></pica-connect-button>"
        . "<pica-connections-list $attributes></pica-connections-list>";
});
