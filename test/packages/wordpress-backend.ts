import type { WordPressSite } from '../../demo/examples/cms/wordpress/site.js';

export const routes = {
  token: '/pica-connect/v1/token',
  credential: '/pica-connect/v1/credential',
  connections: '/pica-connect/v1/connections',
};

export const table = 'wp_pica_connect_connections';

export interface Row {
  connection_key: string;
  platform: string;
  environment: string;
  state: string;
  confirmed: boolean;
  created_at: string;
}

export interface RequestOptions {
  method?: string;
  headers?: Record<string, string>;
  body?: string;
  /** The URL's path. The list puts the key of a deleted connection there. */
  key?: string;
}

/** Creates the table of an earlier version of the plugin, with two connections of the administrator. */
export const createEarlierTable = (site: WordPressSite, adminId: string) =>
  site.evaluate(`
    $wpdb->query("CREATE TABLE wp_pica_connections (key_hash char(64) NOT NULL,
      connection_key varchar(500) NOT NULL, user_id bigint(20) unsigned NOT NULL,
      platform varchar(100) NOT NULL, environment varchar(10) NOT NULL, state varchar(20) NOT NULL,
      name varchar(200) DEFAULT NULL, created_at datetime NOT NULL, PRIMARY KEY (key_hash))");
    foreach (['earlier', 'taken'] as $key) {
      $wpdb->insert('wp_pica_connections', ['key_hash' => hash('sha256', $key), 'connection_key' => $key,
        'user_id' => ${adminId}, 'platform' => 'gmail', 'environment' => 'test', 'state' => 'operational',
        'created_at' => '2026-01-02 03:04:05']);
    }`);
