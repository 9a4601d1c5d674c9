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

/** May be temporary: something else locks the table, or the disk is full. */
final class DatabaseError extends RuntimeException {}

/** Returns a setting from wp-config.php: define('PICA_SECRET_KEY', 'sk_…'). */
function setting(string $name, string $default = ''): string
{
    return defined($name) ? trim((string) constant($name)) : $default;
}

/** Never take the type from a request. It could also be 'team', 'organization' or 'project'. */
function owner_for(int $user): array
{
    return ['identity_type' => 'user', 'identity' => (string) $user];
}

/** Whether the user may connect accounts, and list and remove their own. */
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
    // Unique by owner and key, so that nobody can block a key's owner by claiming it first. It uses the key's hash,
    // because older versions of MySQL limit an index to 767 bytes. Identities are binary, because collations ignore
    // case.
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
        return; // The next request will try again.
    }
    // Migrate the table of an earlier version. Its rows were never compared with the vault.
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
    run('DELETE FROM ' . table() . ' WHERE ' . BY_OWNER, ...array_values(owner_for($user)));
});

/** @return list<array<string, string|null>> */
function run(string $sql, string|int|null ...$values): array
{
    global $wpdb;
    // Printed errors would break the JSON. They go to PHP's log instead.
    $printed_errors = $wpdb->hide_errors();
    $done = $wpdb->query($values === [] ? $sql : $wpdb->prepare($sql, $values));
    $wpdb->show_errors($printed_errors);
    if ($done === false) {
        throw new DatabaseError($wpdb->last_error ?: 'no connection');
    }
    return array_map('get_object_vars', $wpdb->last_result);
}

const BY_OWNER = 'identity_type = %s AND identity = %s';

/** Creates the credential that AuthKit's page sends, because it doesn't get WordPress' cookies. For tokens only. */
function credential_for(int $user): string
{
    $signed = "token.$user." . (time() + 600); // ten minutes
    return $signed . '.' . hash_hmac('sha256', $signed, wp_salt('auth'));
}

/**
 * Returns 0 for an invalid credential. The header isn't Authorization, because many web servers don't pass that on to
 * PHP.
 */
function user_from_credential(WP_REST_Request $request): int
{
    $credential = (string) $request->get_header('x-pica-user');
    if (preg_match('/^(token\.([0-9]+)\.([0-9]+))\.([0-9a-f]{64})$/D', $credential, $match) !== 1) {
        return 0;
    }
    [, $signed, $user, $expires, $signature] = $match;
    $is_valid = hash_equals(hash_hmac('sha256', $signed, wp_salt('auth')), $signature);
    return $is_valid && (int) $expires >= time() ? (int) $user : 0;
}

/** @return array<string, mixed> */
function call_pica(string $method, string $path, float $deadline, ?array $body = null): array
{
    $timeout_error = new PicaError('no answer in time', 504, '10');
    // Without PHP's curl, WordPress' own timeout applies to each part of a response, and there may be many.
    $stop_at_deadline = fn () => microtime(true) > $deadline ? throw $timeout_error : null;
    add_action('requests-request.progress', $stop_at_deadline);
    try {
        $response = wp_remote_request(setting('PICA_API', 'https://api.picaos.com') . $path, [
            'method' => $method,
            'headers' => ['X-Pica-Secret' => setting('PICA_SECRET_KEY'), 'Content-Type' => 'application/json'],
            'body' => $body === null ? null : wp_json_encode($body),
            'timeout' => max($deadline - microtime(true), 0.1),
            // A redirect would send the secret key to another server.
            'redirection' => 0,
        ]);
    } finally {
        remove_action('requests-request.progress', $stop_at_deadline);
    }
    $status = (int) wp_remote_retrieve_response_code($response);
    if ($status === 0 && microtime(true) > $deadline - 0.05) {
        throw $timeout_error;
    }
    if ($status === 429) {
        $seconds = (string) wp_remote_retrieve_header($response, 'retry-after');
        throw new PicaError('status 429', 429, preg_match('/^[0-9]{1,5}$/D', $seconds) === 1 ? $seconds : '60');
    }
    $answer = json_decode(wp_remote_retrieve_body($response), true);
    if (intdiv($status, 100) !== 2 || !is_array($answer)) {
        // Log neither Pica's response nor the error's message: they could contain the secret key.
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

/** Yields this owner's connections at Pica, page by page. Drops all other rows. */
function fetch_vault(array $owner, float $deadline): Generator
{
    ['identity' => $identity, 'identity_type' => $type] = $owner;
    $query = http_build_query(['identity' => $identity, 'identityType' => $type]);
    $is_owned = fn (mixed $row): bool => is_array($row)
        && ($row['identity'] ?? null) === $identity
        && ($row['identityType'] ?? 'user') === $type
        && is_string($row['key'] ?? null);
    foreach (fetch_pages('GET', "/v1/vault/connections?$query&", $deadline) as $page) {
        yield array_filter($page['rows'], $is_owned);
    }
}

/** Creates an error response, with Retry-After if trying again can help. */
function error_response(int $status, string $code, string $message, string $retry_after): WP_REST_Response
{
    $headers = $retry_after === '' ? [] : ['Retry-After' => $retry_after];
    return new WP_REST_Response(['code' => $code, 'message' => $message], $status, $headers);
}

function create_token(WP_REST_Request $request): array|WP_REST_Response|WP_Error
{
    $user = user_from_credential($request);
    if (!may_connect($user)) {
        return new WP_Error('sign_in', 'Sign in first.', ['status' => 401]);
    }
    ['identity' => $identity, 'identity_type' => $type] = owner_for($user);
    try {
        $deadline = microtime(true) + 10;
        $flags = call_pica('GET', '/v1/users/flags', $deadline);
        $rows = [];
        $body = ['identity' => $identity, 'identityType' => $type];
        foreach (fetch_pages('POST', '/v1/authkit?', $deadline, $body) as $page) {
            $rows = [...$rows, ...array_values($page['rows'])];
        }
    } catch (PicaError $error) {
        error_log("Pica returned no token: {$error->getMessage()}");
        return error_response($error->status, 'pica_refused', 'Pica returned no token.', $error->retry_after);
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

/** Returns the headers for the token endpoint. The page requests them each time AuthKit opens. */
function credential(): array
{
    return ['x-pica-user' => credential_for(get_current_user_id())];
}

/** Confirms rows that the vault has. Deletes rows that it has lacked for ten minutes. Stops when $is_done says so. */
function compare_with_vault(array $owner, float $deadline, callable $is_done): void
{
    $mine = array_values($owner);
    $text = fn (mixed $value): string => is_string($value) ? $value : '';
    foreach (fetch_vault($owner, $deadline) as $listed) {
        // Filter here, because an UPDATE for each row of the vault would take too long.
        $open = array_column(unconfirmed_of($owner), 'connection_key');
        foreach ($listed as $row) {
            if (!in_array($row['key'], $open, true)) {
                continue;
            }
            run(
                'UPDATE ' . table() . " SET confirmed = 1, unlisted_since = NULL,
                   platform = COALESCE(NULLIF(%s, ''), platform), environment = COALESCE(NULLIF(%s, ''), environment)
                 WHERE " . BY_OWNER . ' AND key_hash = %s AND confirmed = 0',
                ...[$text($row['platform'] ?? null), $text($row['environment'] ?? null)],
                ...[...$mine, hash('sha256', $row['key'])],
            );
        }
        if ($is_done()) {
            return;
        }
    }
    // With a test key, the vault lists no live connections, and the other way round.
    $environment = str_starts_with(setting('PICA_SECRET_KEY'), 'sk_test') ? 'test' : 'live';
    $unlisted = BY_OWNER . ' AND environment = %s AND confirmed = 0';
    run('DELETE FROM ' . table() . " WHERE $unlisted
        AND unlisted_since < UTC_TIMESTAMP() - INTERVAL 10 MINUTE", ...[...$mine, $environment]);
    run('UPDATE ' . table() . " SET unlisted_since = UTC_TIMESTAMP()
        WHERE $unlisted AND unlisted_since IS NULL", ...[...$mine, $environment]);
}

/** Runs the action for one request of an owner at a time. Returns null if another one doesn't end in time. */
function with_lock(string $action_name, array $owner, int $wait_seconds, callable $action): mixed
{
    // The database releases the lock when the request ends, even if it crashes.
    $lock = 'pica_connect_' . md5(implode("\n", [DB_NAME, table(), $action_name, ...array_values($owner)]));
    if (run('SELECT GET_LOCK(%s, %d) AS is_locked', $lock, $wait_seconds)[0]['is_locked'] !== '1') {
        return null;
    }
    try {
        return $action();
    } finally {
        run('SELECT RELEASE_LOCK(%s)', $lock);
    }
}

/**
 * Reads the vault after each pause, until it's done or Pica fails. Does nothing if this owner already has a lookup in
 * progress, so that nobody can keep more than one of PHP's processes busy.
 */
function look_up(array $owner, callable $is_done, int $timeout_seconds, array $pauses_seconds): void
{
    with_lock('lookup', $owner, 0, function () use ($owner, $is_done, $timeout_seconds, $pauses_seconds): void {
        $deadline = microtime(true) + $timeout_seconds;
        try {
            foreach ($pauses_seconds as $seconds) {
                sleep($seconds);
                compare_with_vault($owner, $deadline, $is_done);
                if ($is_done()) {
                    return;
                }
            }
        } catch (PicaError $error) {
            error_log("Could not confirm connections with Pica: {$error->getMessage()}");
        }
    });
}

/** Returns all rows of an owner, or only the one with this key. */
function rows_of(array $owner, ?string $key = null): array
{
    $columns = 'connection_key, platform, environment, state, name, confirmed, created_at';
    $sql = "SELECT $columns FROM " . table() . ' WHERE ' . BY_OWNER;
    $mine = array_values($owner);
    return $key === null
        ? run("$sql ORDER BY created_at", ...$mine)
        : run("$sql AND key_hash = %s", ...[...$mine, hash('sha256', $key)]);
}

function unconfirmed_of(array $owner): array
{
    return array_filter(rows_of($owner), fn (array $row): bool => $row['confirmed'] === '0');
}

/** Never use the key of an unconfirmed row: it may be somebody else's. */
function to_public(array $row): array
{
    $confirmed = (bool) $row['confirmed'];
    return [
        ...$row,
        'confirmed' => $confirmed,
        'state' => $confirmed ? $row['state'] : 'unknown',
        'created_at' => str_replace(' ', 'T', $row['created_at']) . 'Z', // UTC
    ];
}

function list_connections(): array
{
    $owner = owner_for(get_current_user_id());
    $is_done = fn (): bool => unconfirmed_of($owner) === [];
    if (!$is_done()) {
        look_up($owner, $is_done, 5, [0]);
    }
    return array_map(__NAMESPACE__ . '\to_public', rows_of($owner));
}

/** Stores the row, unconfirmed if it's new. Returns whether it existed, or null if too many rows are unconfirmed. */
function claim(array $owner, WP_REST_Request $request): ?bool
{
    $key = $request['connection_key'];
    $existed = rows_of($owner, $key) !== [];
    if (!$existed && count(unconfirmed_of($owner)) >= 20) {
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
    return $existed;
}

function save_connection(WP_REST_Request $request): WP_REST_Response|WP_Error
{
    $owner = owner_for(get_current_user_id());
    $key = $request['connection_key'];
    // Store it before asking Pica, so that it isn't lost if the lookup fails. One at a time, so that two requests
    // can't both count 19 rows.
    $existed = with_lock('claim', $owner, 10, fn (): ?bool => claim($owner, $request));
    if ($existed === null) {
        return error_response(429, 'too_many', 'Too many unconfirmed connections.', '600');
    }
    // Knowing a key proves nothing, so ask Pica whose it is. The vault may list a new connection late.
    $is_done = fn (): bool => (rows_of($owner, $key)[0]['confirmed'] ?? '1') !== '0';
    if (!$is_done()) {
        look_up($owner, $is_done, 15, [0, 1, 3, 6]);
    }
    $row = rows_of($owner, $key)[0] ?? null;
    if ($row === null) {
        return new WP_Error('not_found', 'It was deleted meanwhile.', ['status' => 404]);
    }
    return new WP_REST_Response(to_public($row), $row['confirmed'] === '0' ? 202 : ($existed ? 200 : 201));
}

function delete_connection(WP_REST_Request $request): WP_REST_Response|WP_Error
{
    global $wpdb;
    // With plain permalinks, the route is in the query string, and the key at the end of the path.
    $key = $request['key'] ?? basename(wp_parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
    $mine = [...array_values(owner_for(get_current_user_id())), hash('sha256', rawurldecode($key))];
    run('DELETE FROM ' . table() . ' WHERE ' . BY_OWNER . ' AND key_hash = %s', ...$mine);
    // Answer the same for another user's key, so that nobody learns that it exists.
    return $wpdb->rows_affected > 0
        ? new WP_REST_Response(null, 204)
        : new WP_Error('not_found', 'There is no such connection.', ['status' => 404]);
}

/** Defines one method of a route. Errors become a 500 or 503, and a line in PHP's log. */
function endpoint(string $method, string $callback, callable $permission): array
{
    return [
        'methods' => $method,
        'permission_callback' => $permission,
        'callback' => function (WP_REST_Request $request) use ($callback) {
            try {
                // Fail after waiting for a lock for five seconds. MariaDB's default is a day.
                run('SET SESSION lock_wait_timeout = 5, innodb_lock_wait_timeout = 5');
                return (__NAMESPACE__ . "\\$callback")($request);
            } catch (DatabaseError $error) {
                error_log("Database error: {$error->getMessage()}");
                return error_response(503, 'unavailable', 'Try again later.', '10');
            } catch (Throwable $error) {
                error_log("{$error->getMessage()} ({$error->getFile()}:{$error->getLine()})");
                return new WP_Error('failed', 'Something went wrong.', ['status' => 500]);
            }
        },
    ];
}

add_action('rest_api_init', function (): void {
    // Only pages of this site have the nonce. Without it, WordPress treats a request with the user's cookies as signed
    // out, so another site can neither read nor change anything.
    $session = fn (): bool => may_connect(get_current_user_id());
    $text = ['type' => 'string', 'minLength' => 1, 'maxLength' => 500];
    $routes = [
        '/token' => [endpoint('POST', 'create_token', '__return_true')], // checks the credential itself
        '/credential' => [endpoint('GET', 'credential', $session)],
        '/connections' => [
            endpoint('GET', 'list_connections', $session),
            endpoint('DELETE', 'delete_connection', $session),
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
            ] + endpoint('POST', 'save_connection', $session),
        ],
        '/connections/(?P<key>.+)' => [endpoint('DELETE', 'delete_connection', $session)],
    ];
    foreach ($routes as $path => $methods) {
        register_rest_route('pica-connect/v1', $path, $methods);
    }
});

// Blocks forms from other sites: browsers send them without a preflight, but not JSON. Routes ignore case.
add_filter('rest_pre_dispatch', function ($result, $server, WP_REST_Request $request) {
    if (!str_starts_with(strtolower($request->get_route()), '/pica-connect/v1/')) {
        return $result;
    }
    $is_save = $request->get_method() === 'POST'
        && strtolower($request->get_route()) === '/pica-connect/v1/connections';
    if ($is_save && ($request->get_content_type()['value'] ?? '') !== 'application/json') {
        return new WP_Error('json_only', 'Send application/json.', ['status' => 415]);
    }
    return strlen((string) $request->get_body()) > 16 * 1024
        ? new WP_Error('too_large', 'Send 16 KiB at most.', ['status' => 413])
        : $result;
}, 10, 3);

// AuthKit's page calls the token endpoint from its own origin. It must be able to read errors too.
add_filter('rest_pre_serve_request', function ($served, $result, WP_REST_Request $request) {
    if ($request->get_route() === '/pica-connect/v1/token') {
        header('Access-Control-Allow-Origin: ' . setting('PICA_AUTHKIT_ORIGIN', 'https://authkit.picaos.com'));
        header('Access-Control-Allow-Methods: POST, OPTIONS');
        header('Access-Control-Allow-Headers: content-type, x-pica-user');
        header_remove('Access-Control-Allow-Credentials');
    }
    return $served;
}, 20, 3);

/** [pica_connections] shows the signed-in user's connections and a button to connect another account. */
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
    // Don't put the credential into the markup: a page cache could serve it to other users.
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
