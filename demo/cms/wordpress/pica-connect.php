<?php
/**
 * Plugin Name: Pica Connect
 * Description: Loads pica-connect on every page, for buttons and lists that are written as div.
 */

add_action(
	'wp_enqueue_scripts',
	function () {
		$script = plugins_url( 'pica-connect/pica-connect.min.js', __FILE__ );
		wp_enqueue_script( 'pica-connect', $script, array(), null, true );
	}
);
