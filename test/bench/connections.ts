import type { Connection, ConnectionState, Integration } from '../../src/classes.js';

/** A search word that matches the account of one connection in a hundred. */
export const needle = 'needle';

const dayMs = 24 * 3_600_000;

const trees = ['Alder', 'Birch', 'Cedar', 'Dogwood', 'Elm'];
const categories = ['Email', 'Calendar', 'Storage', 'CRM', 'Accounting', 'Support'];

/** Creates integrations with realistic names. Without logos: loading images is not measured here. */
export function createIntegrations(count: number): Integration[] {
  return Array.from({ length: count }, (_, index) => ({
    platform: `platform-${index}`,
    name: `${trees[index % trees.length] ?? ''} ${index}`,
    category: categories[index % categories.length] ?? '',
    description: `Connect your ${trees[index % trees.length] ?? ''} account`,
  }));
}

/** Creates the same connections at each call. In a hundred, 90 are operational, 4 degraded, 4 failed and 2 unknown. */
export function createConnections(count: number): Connection[] {
  const now = Date.now();
  return Array.from({ length: count }, (_, index) => {
    const environment = index % 10 === 3 ? 'test' : 'live';
    const platform = `platform-${(index * 7) % 40}`;
    const word = index % 100 === 50 ? needle : 'account';
    return {
      key: `${environment}::${platform}::default::${index}`,
      platform,
      environment,
      state: stateOf(index % 100),
      name: `${word}-${index}@example.org`,
      // Up to two years old, in no particular order.
      createdAt: new Date(now - ((index * 7919) % 730) * dayMs - 60_000).toISOString(),
    };
  });
}

function stateOf(percent: number): ConnectionState {
  if (percent < 4) return 'failed';
  if (percent < 8) return 'degraded';
  return percent < 10 ? 'unknown' : 'operational';
}
