<?php
/**
 * Plugin Name: Backend for pica-connect
 * Description: The token endpoint and the stored connections for pica-connect's elements.
 * Version: 1.0.0
 * Requires PHP: 8.0
 * License: MIT
 */

declare(strict_types=1);

namespace PicaConnect\Backend;

use WP_Error;
use WP_REST_Request;
use WP_REST_Response;

defined('ABSPATH') || exit;

/** A setting from wp-config.php: define('PICA_SECRET_KEY', 'sk_…'). */
function setting(string $name, string $default = ''): string
{
    return defined($name) ? (string) constant($name) : $default;
}

function table(): string
{
    global $wpdb;
    return $wpdb->prefix . 'pica_connections';
}

register_activation_hook(__FILE__, function (): void {
    global $wpdb;
    require_once ABSPATH . 'wp-admin/includes/upgrade.php';
    $table = table();
    // 191 characters are what a unique index of utf8mb4 holds on every MySQL, so the key's hash is the index.
    dbDelta("CREATE TABLE $table (
        key_hash char(64) NOT NULL,
        connection_key varchar(500) NOT NULL,
        user_id bigint(20) unsigned NOT NULL,
        platform varchar(100) NOT NULL,
        environment varchar(10) NOT NULL,
        state varchar(20) NOT NULL,
        name varchar(200) DEFAULT NULL,
        created_at datetime NOT NULL,
        PRIMARY KEY  (key_hash),
        KEY user_id (user_id)
    ) {$wpdb->get_charset_collate()};");
});

/** What AuthKit's page says the user by, ten minutes long: WordPress' cookies do not reach it. */
function credential_for(int $user): string
{
    $signed = $user . '.' . (time() + 600);
    return $signed . '.' . hash_hmac('sha256', $signed, wp_salt('auth'));
}

/** 0 for a credential that is none. Not by Authorization, which many web servers keep from PHP. */
function user_of(WP_REST_Request $request): int
{
    $credential = (string) $request->get_header('x-pica-user');
    if (preg_match('/^((\d+)\.(\d+))\.([0-9a-f]{64})$/', $credential, $found) !== 1) {
        return 0;
    }
    [, $signed, $user, $expires, $signature] = $found;
    $is_valid = hash_equals(hash_hmac('sha256', $signed, wp_salt('auth')), $signature);
    return $is_valid && (int) $expires >= time() ? (int) $user : 0;
}

/** @return array<string, mixed>|WP_Error */
function ask_pica(string $method, string $path, ?array $body = null): array|WP_Error
{
    $response = wp_remote_request(setting('PICA_API', 'https://api.picaos.com') . $path, [
        'method' => $method,
        'headers' => ['X-Pica-Secret' => setting('PICA_SECRET_KEY'), 'Content-Type' => 'application/json'],
        'body' => $body === null ? null : wp_json_encode($body),
        'timeout' => 10,
    ]);
    $answer = json_decode(wp_remote_retrieve_body($response), true);
    if (intdiv((int) wp_remote_retrieve_response_code($response), 100) !== 2 || !is_array($answer)) {
        return new WP_Error('pica_refused', 'Pica gave no token.', ['status' => 502]);
    }
    return $answer;
}

function token(WP_REST_Request $request): array|WP_Error
{
    $user = user_of($request);
    if ($user === 0) {
        return new WP_Error('sign_in', 'Sign in first.', ['status' => 401]);
    }
    $flags = ask_pica('GET', '/v1/users/flags');
    if (is_wp_error($flags)) {
        return $flags;
    }
    $rows = [];
    for ($page = 1, $pages = 1; $page <= $pages; $page++) {
        $identity = ['identity' => (string) $user, 'identityType' => 'user'];
        $found = ask_pica('POST', "/v1/authkit?limit=100&page=$page", $identity);
        if (is_wp_error($found)) {
            return $found;
        }
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

function connections(): array
{
    global $wpdb;
    $columns = 'connection_key, platform, environment, state, name, created_at';
    $sql = 'SELECT ' . $columns . ' FROM ' . table() . ' WHERE user_id = %d ORDER BY created_at';
    return $wpdb->get_results($wpdb->prepare($sql, get_current_user_id()), ARRAY_A);
}

function store(WP_REST_Request $request): WP_REST_Response|WP_Error
{
    global $wpdb;
    $user = get_current_user_id();
    $key = $request['connection_key'];
    $hash = hash('sha256', $key);
    $owner = 'SELECT user_id FROM ' . table() . ' WHERE key_hash = %s';
    $known = $wpdb->get_var($wpdb->prepare($owner, $hash));
    if ($known === null) {
        // IGNORE, so that two requests at once leave one row, and its owner the owner.
        $insert = 'INSERT IGNORE INTO ' . table() . ' (key_hash, connection_key, user_id, platform, environment, state, created_at)
                   VALUES (%s, %s, %d, %s, %s, %s, UTC_TIMESTAMP())';
        $values = [$hash, $key, $user, $request['platform'], $request['environment'], $request['state']];
        $wpdb->query($wpdb->prepare($insert, $values));
    }
    if ((int) $wpdb->get_var($wpdb->prepare($owner, $hash)) !== $user) {
        return new WP_Error('taken', 'This connection is another user’s.', ['status' => 409]);
    }
    $changes = ['state' => $request['state'], 'name' => $request['name']];
    $wpdb->update(table(), $changes, ['key_hash' => $hash, 'user_id' => $user]);
    return new WP_REST_Response(['connection_key' => $key], $known === null ? 201 : 200);
}

function delete_connection(WP_REST_Request $request): WP_REST_Response|WP_Error
{
    global $wpdb;
    // With plain permalinks the address is a query, and the key is at the end of the path in front of it.
    $key = $request['key'] ?? basename(wp_parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
    $row = ['key_hash' => hash('sha256', rawurldecode($key)), 'user_id' => get_current_user_id()];
    // Another user's is answered like one that is not there: nobody learns that it is.
    return $wpdb->delete(table(), $row) > 0
        ? new WP_REST_Response(null, 204)
        : new WP_Error('not_found', 'There is no such connection.', ['status' => 404]);
}

add_action('rest_api_init', function (): void {
    $text = ['type' => 'string', 'minLength' => 1, 'maxLength' => 500];
    register_rest_route('pica-connect/v1', '/token', [
        'methods' => 'POST',
        'callback' => __NAMESPACE__ . '\token',
        'permission_callback' => '__return_true', // it looks at the credential itself
    ]);
    register_rest_route('pica-connect/v1', '/connections', [
        [
            'methods' => 'GET',
            'callback' => __NAMESPACE__ . '\connections',
            'permission_callback' => 'is_user_logged_in',
        ],
        [
            'methods' => 'POST',
            'callback' => __NAMESPACE__ . '\store',
            'permission_callback' => 'is_user_logged_in',
            'args' => [
                'connection_key' => ['required' => true] + $text,
                'platform' => ['required' => true] + $text,
                'environment' => ['default' => 'live', 'enum' => ['live', 'test']] + $text,
                'state' => ['default' => 'operational'] + $text,
                'name' => ['type' => ['string', 'null'], 'maxLength' => 200],
            ],
        ],
        [
            'methods' => 'DELETE',
            'callback' => __NAMESPACE__ . '\delete_connection',
            'permission_callback' => 'is_user_logged_in',
        ],
    ]);
    register_rest_route('pica-connect/v1', '/connections/(?P<key>.+)', [
        'methods' => 'DELETE',
        'callback' => __NAMESPACE__ . '\delete_connection',
        'permission_callback' => 'is_user_logged_in',
    ]);
});

// AuthKit's page calls the token endpoint from its own origin; it has to be able to read refusals as well.
add_filter('rest_pre_serve_request', function ($served, $result, WP_REST_Request $request) {
    if ($request->get_route() === '/pica-connect/v1/token') {
        header('Access-Control-Allow-Origin: ' . setting('PICA_AUTHKIT_ORIGIN', 'https://authkit.picaos.com'));
        header('Access-Control-Allow-Methods: POST, OPTIONS');
        header('Access-Control-Allow-Headers: content-type, x-pica-user');
        header_remove('Access-Control-Allow-Credentials');
    }
    return $served;
}, 20, 3);

/** [pica_connections] in a page: what the signed-in user has connected, and a button for one more. */
add_shortcode('pica_connections', function (): string {
    if (!is_user_logged_in()) {
        return '';
    }
    $attributes = sprintf(
        'token-url="%s" connections-url="%s" token-headers="%s" request-headers="%s"',
        esc_url(rest_url('pica-connect/v1/token')),
        esc_url(rest_url('pica-connect/v1/connections')),
        esc_attr(wp_json_encode(['x-pica-user' => credential_for(get_current_user_id())])),
        esc_attr(wp_json_encode(['x-wp-nonce' => wp_create_nonce('wp_rest')])),
    );
    wp_enqueue_script('pica-connect', plugins_url('pica-connect.min.js', __FILE__), [], '1.0.0', true);
    return "<pica-connect-button $attributes></pica-connect-button>"
        . "<pica-connections-list $attributes></pica-connections-list>";
});
