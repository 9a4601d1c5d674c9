import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import { z } from 'zod';
import { integrationOf } from './integrations.js';

export const identityTypes = ['user', 'team', 'organization', 'project'] as const;
export const states = ['operational', 'degraded', 'failed', 'unknown'] as const;
export const environments = ['test', 'live'] as const;

export type Environment = (typeof environments)[number];

/** The owner of a connection. */
export interface Owner {
  identity?: string | undefined;
  identityType?: (typeof identityTypes)[number] | undefined;
}

export const newRowSchema = z.strictObject({
  platform: z.string().refine((platform) => integrationOf(platform), {
    message: 'is not a platform that the sandbox has; GET /v1/available-connectors lists them',
  }),
  key: z.string().min(1).optional(),
  identity: z.string().min(1).optional(),
  identityType: z.enum(identityTypes).optional(),
  environment: z.enum(environments).optional(),
  state: z.enum(states).optional(),
  name: z.string().optional(),
  tags: z.array(z.string()).optional(),
  createdAt: z.iso.datetime().optional(),
});

export const changeSchema = z.strictObject({
  state: z.enum(states).optional(),
  name: z.string().optional(),
  tags: z.array(z.string()).optional(),
});

export type NewRow = z.infer<typeof newRowSchema>;
export type Change = z.infer<typeof changeSchema>;

/** A row of the answer of `/v1/vault/connections`. */
export interface VaultRow extends Owner {
  id: string;
  key: string;
  platform: string;
  environment: Environment;
  state: (typeof states)[number];
  name: string;
  description: string;
  tags: string[];
  active: boolean;
  version: string;
  createdAt: string;
  updatedAt: string;
}

/** Persists a vault. */
export interface VaultStorage {
  read(): VaultRow[];
  write(rows: readonly VaultRow[]): void;
}

/** All connections. They last as long as the process, or longer if there is a storage. */
export class Vault {
  readonly #rows: Map<string, VaultRow>;
  readonly #storage: VaultStorage | undefined;

  constructor(
    readonly environment: Environment,
    storage?: VaultStorage,
  ) {
    this.#storage = storage;
    this.#rows = new Map(storage?.read().map((row) => [row.id, row]));
  }

  /** Lists the newest first, as Pica does. */
  list(filter: Owner & { platform?: string | undefined } = {}): VaultRow[] {
    return [...this.#rows.values()]
      .filter(
        (row) =>
          (filter.identity === undefined || row.identity === filter.identity) &&
          (filter.identityType === undefined || row.identityType === filter.identityType) &&
          (filter.platform === undefined || row.platform === filter.platform),
      )
      .reverse()
      .sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
  }

  get(id: string) {
    return this.#rows.get(id);
  }

  withKey(key: string) {
    return [...this.#rows.values()].find((row) => row.key === key);
  }

  /** Replaces the connection that already has this key, if any, and keeps its id: keys are unique. */
  add(entry: NewRow): VaultRow {
    const integration = integrationOf(entry.platform);
    const environment = entry.environment ?? this.environment;
    const state = entry.state ?? 'operational';
    const createdAt = entry.createdAt ?? new Date().toISOString();
    const row: VaultRow = {
      id: (entry.key !== undefined && this.withKey(entry.key)?.id) || crypto.randomUUID(),
      key: entry.key ?? newKey(environment, entry.platform, entry.identity),
      platform: entry.platform,
      environment,
      identity: entry.identity,
      identityType: entry.identity ? (entry.identityType ?? 'user') : undefined,
      state,
      name: entry.name || (integration?.name ?? entry.platform),
      description: integration?.description ?? '',
      tags: entry.tags ?? [],
      active: state !== 'failed',
      version: '1.0.0',
      createdAt,
      updatedAt: createdAt,
    };
    this.#rows.set(row.id, row);
    this.#save();
    return row;
  }

  change(id: string, change: Change): VaultRow | undefined {
    const row = this.#rows.get(id);
    if (!row) return undefined;
    Object.assign(row, change, { updatedAt: new Date().toISOString() });
    row.active = row.state !== 'failed';
    this.#save();
    return row;
  }

  remove(id: string): VaultRow | undefined {
    const row = this.#rows.get(id);
    this.#rows.delete(id);
    this.#save();
    return row;
  }

  clear() {
    this.#rows.clear();
    this.#save();
  }

  #save() {
    this.#storage?.write([...this.#rows.values()]);
  }
}

function newKey(environment: Environment, platform: string, identity?: string) {
  const key = `${environment}::${platform}::default::${crypto.randomUUID().replaceAll('-', '')}`;
  return identity ? `${key}|${identity}` : key;
}

/** Converts a row to AuthKit's record: `_id`, times in milliseconds, and no `state`. */
export function recordOf(row: VaultRow): ConnectionRecord {
  const integration = integrationOf(row.platform);
  return {
    _id: row.id,
    platformVersion: row.version,
    connectionDefinitionId: String(integration?.definitionId ?? ''),
    name: row.name,
    key: row.key,
    environment: row.environment,
    platform: row.platform,
    secretsServiceId: `sandbox-secret-${row.id}`,
    ...(row.identity !== undefined && { identity: row.identity }),
    ...(row.identityType !== undefined && { identityType: row.identityType }),
    settings: {
      parseWebhookBody: false,
      showSecret: false,
      allowCustomEvents: false,
      oauth: integration?.oauth ?? true,
    },
    throughput: { key: row.key, limit: 100 },
    createdAt: Date.parse(row.createdAt),
    updatedAt: Date.parse(row.updatedAt),
    updated: row.updatedAt !== row.createdAt,
    version: row.version,
    lastModifiedBy: 'sandbox',
    deleted: false,
    tags: row.tags,
    active: row.active,
    deprecated: false,
  };
}
