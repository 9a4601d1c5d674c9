<?php
// Does what the first visit to wp-admin/install.php does, adds an author, and prints by which passwords
// their pages can be written through the REST API. Runs in WordPress's folder.
define( 'WP_INSTALLING', true );
$_SERVER['HTTP_HOST'] = parse_url( getenv( 'CMS_ORIGIN' ), PHP_URL_HOST );

require_once getcwd() . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

$admin  = wp_install( 'Lumen', 'admin', 'admin@example.com', false, '', 'demo' )['user_id'];
$author = wp_insert_user(
	array(
		'user_login' => 'author',
		'user_pass'  => 'demo',
		'user_email' => 'author@example.com',
		'role'       => 'author',
	)
);

$passwords = array();
foreach ( compact( 'admin', 'author' ) as $name => $id ) {
	list( $passwords[ $name ] ) = WP_Application_Passwords::create_new_application_password( $id, array( 'name' => 'demo' ) );
}
echo wp_json_encode( $passwords );
