<?php
// site.ts passes the addresses of the server and the database in environment variables.
define( 'DB_NAME', 'wordpress' );
define( 'DB_USER', 'wordpress' );
define( 'DB_PASSWORD', '' );
define( 'DB_HOST', 'localhost:' . getenv( 'CMS_DATABASE_SOCKET' ) );
define( 'DB_CHARSET', 'utf8mb4' );
define( 'DB_COLLATE', '' );
$table_prefix = 'wp_';

define( 'WP_HOME', getenv( 'CMS_ORIGIN' ) );
define( 'WP_SITEURL', getenv( 'CMS_ORIGIN' ) );

// Without https, WordPress accepts application passwords only on a local site. site.ts needs them to write pages.
define( 'WP_ENVIRONMENT_TYPE', 'local' );

// No requests for updates, and no background jobs.
define( 'WP_HTTP_BLOCK_EXTERNAL', true );
define( 'AUTOMATIC_UPDATER_DISABLED', true );
define( 'DISABLE_WP_CRON', true );

require_once ABSPATH . 'wp-settings.php';
