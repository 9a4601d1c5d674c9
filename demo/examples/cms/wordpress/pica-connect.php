<?php
/**
 * Plugin Name: Pica Connect
 * Description: Loads pica-connect on every page, so that a div can be a button or a list.
 *
 * Put its settings into wp-config.php, where authors of posts can't change them. Each one is an attribute of the
 * elements. A div may use these addresses and the origins in `placeholders`, and no others:
 *
 *   define( 'PICA_CONNECT', array(
 *       'token-url'       => 'https://example.com/api/authkit/token',
 *       'connections-url' => 'https://example.com/api/connections',
 *       'placeholders'    => '',
 *   ) );
 */

add_action(
	'wp_enqueue_scripts',
	function () {
		$script = plugins_url( 'pica-connect/pica-connect.min.js', __FILE__ );
		wp_enqueue_script( 'pica-connect', $script, array(), null, true );
	}
);

add_filter(
	'script_loader_tag',
	function ( $tag, $handle ) {
		if ( 'pica-connect' !== $handle || ! defined( 'PICA_CONNECT' ) ) {
			return $tag;
		}
		$attributes = '';
		foreach ( PICA_CONNECT as $name => $value ) {
			$attributes .= sprintf( ' data-%s="%s"', $name, esc_attr( $value ) );
		}
		return str_replace( ' src=', $attributes . ' src=', $tag );
	},
	10,
	2
);
