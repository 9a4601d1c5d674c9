<?php
// Installs WordPress as wp-admin/install.php would, and adds an author. Prints application passwords, so that the two
// users can write pages through the REST API. Run it in WordPress's folder.
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
