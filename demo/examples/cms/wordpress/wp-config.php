<?php
// Where WordPress's server and its database are, site.ts says in the environment.
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'wordpress' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'CMS_DATABASE_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = 'wp_';

define( 'WP_HOME', getenv( 'CMS_ORIGIN' ) );
define( 'WP_SITEURL', getenv( 'CMS_ORIGIN' ) );

// Without https, only a local site takes application passwords, by which the pages are written.
define( 'WP_ENVIRONMENT_TYPE', 'local' );

// It asks nobody for updates, and nothing runs beside the requests.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'DISABLE_WP_CRON', true );

require_once ABSPATH . 'wp-settings.php';
