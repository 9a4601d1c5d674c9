import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { limitsSchema, type DatabaseLimits } from '../backend/database/limits.js';
import { logLevels } from '../backend/log.js';
import { StartError } from '../backend/start-error.js';

export interface Settings {
  /** The ports to try first. 0 takes any free one. */
  port: number;
  sandboxPort: number;
  faultyPort: number;
  /** A `postgres://` URL, or the folder of the embedded database. */
  database: string;
  databaseLimits: Partial<DatabaseLimits>;
  /** Where the sandbox keeps its vault, too. */
  dataFolder: string;
  /** The lowest level to log. In a terminal, only what needs attention. */
  logLevel: (typeof logLevels)[number];
  /** How long the backend keeps serving after SIGTERM. In a terminal, not at all. */
  drainMs: number;
  closeTimeoutMs: number | undefined;
  keepAliveTimeoutMs: number | undefined;
  /** Serves metrics for Prometheus. Undefined: no metrics. */
  metricsPort: number | undefined;
  /** The page's origins in browsers, in addition to this machine's own names. */
  origins: string[];
  /** Sign cookies and credentials, the newest first. Undefined: kept in the data folder. */
  cookieSecrets: string[] | undefined;
  credentialSecrets: string[] | undefined;
  /** Whether to trust the header `x-user-id`, so that anybody can act as any user. */
  trustsPlainIds: boolean;
  /** With a key, use the real Pica; without one, the sandbox. To replace a key, two, separated by a comma. */
  picaSecret: string | undefined;
  /** The key that the sandbox accepts. Any other than the default shows what a wrong key looks like. */
  sandboxSecret: string;
}

const portNumber = z
  .string()
  .regex(/^\d{1,5}$/)
  .transform(Number)
  .pipe(z.number().max(65_535));

const port = (otherwise: number) => portNumber.default(otherwise);

const milliseconds = z
  .string()
  .regex(/^\d{1,9}$/)
  .transform(Number);

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter(Boolean),
);

/** The schema for one of the backend's limits. Undefined if the variable isn't set. */
const limit = (name: keyof DatabaseLimits) =>
  z.string().regex(/^\d+$/).transform(Number).pipe(limitsSchema.shape[name].unwrap()).optional();

const origin = z.url({ protocol: /^https?$/ }).transform((url) => new URL(url).origin);

/** Variable → what its value must be. */
const advice: Record<string, string> = {
  LOG_LEVEL: `must be one of ${logLevels.join(', ')}`,
  ORIGINS: 'must be origins like https://demo.example, separated by commas',
  DRAIN_MS: 'must be a number of milliseconds',
  CLOSE_TIMEOUT_MS: 'must be a number of milliseconds',
  KEEP_ALIVE_TIMEOUT_MS: 'must be a number of milliseconds, at least 1',
  COOKIE_SECRET: 'must have at least 32 random characters',
  CREDENTIAL_SECRET: 'must have at least 32 random characters',
  INSECURE_PLAIN_USER_IDS: 'must be 1, or not be set at all',
  DATABASE_POOL_SIZE: 'must be a number from 1 to 1000',
  DATABASE_CONNECT_TIMEOUT_MS: 'must be milliseconds, from 1 to 3600000',
  DATABASE_STATEMENT_TIMEOUT_MS: 'must be milliseconds, from 1 to 3600000',
  DATABASE_LOCK_TIMEOUT_MS: 'must be milliseconds, from 1 to 3600000',
  DATABASE_IDLE_TIMEOUT_MS: 'must be milliseconds, from 1 to 3600000',
};

const schema = z.object({
  PORT: port(4000),
  SANDBOX_PORT: port(4001),
  FAULTY_PORT: port(4002),
  DATABASE_URL: z.string().optional(),
  DATABASE_POOL_SIZE: limit('poolSize'),
  DATABASE_CONNECT_TIMEOUT_MS: limit('connectTimeoutMs'),
  DATABASE_STATEMENT_TIMEOUT_MS: limit('statementTimeoutMs'),
  DATABASE_LOCK_TIMEOUT_MS: limit('lockTimeoutMs'),
  DATABASE_IDLE_TIMEOUT_MS: limit('idleInTransactionTimeoutMs'),
  DATA_FOLDER: z.string().default(fileURLToPath(new URL('../../../.data', import.meta.url))),
  DRAIN_MS: milliseconds.default(0),
  CLOSE_TIMEOUT_MS: milliseconds.optional(),
  KEEP_ALIVE_TIMEOUT_MS: milliseconds.pipe(z.number().min(1)).optional(),
  METRICS_PORT: portNumber.optional(),
  ORIGINS: list.pipe(z.array(origin)).default([]),
  COOKIE_SECRET: list.pipe(z.array(z.string().min(32))).optional(),
  CREDENTIAL_SECRET: list.pipe(z.array(z.string().min(32))).optional(),
  INSECURE_PLAIN_USER_IDS: z.literal('1').optional(),
  PICA_SECRET_KEY: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels).default('warn'),
  SANDBOX_SECRET: z.string().default('sk_test_sandbox'),
});

/**
 * Reads the settings from the environment. An empty variable counts as not set.
 * @throws StartError naming the variable that has to be changed
 */
export function readSettings(environment: NodeJS.ProcessEnv): Settings {
  const given = Object.fromEntries(
    Object.entries(environment)
      .map(([name, value]) => [name, value?.trim()] as const)
      .filter(([, value]) => value),
  );
  const { data, error } = schema.safeParse(given);
  if (!data) {
    // Without the value, in case it was a key.
    const name = String(error.issues[0]?.path[0]);
    const must = advice[name] ?? 'must be a number from 0 to 65535, or not be set at all';
    throw new StartError(`${name} ${must}.`);
  }
  return {
    port: data.PORT,
    sandboxPort: data.SANDBOX_PORT,
    faultyPort: data.FAULTY_PORT,
    database: data.DATABASE_URL ?? data.DATA_FOLDER,
    databaseLimits: {
      poolSize: data.DATABASE_POOL_SIZE,
      connectTimeoutMs: data.DATABASE_CONNECT_TIMEOUT_MS,
      statementTimeoutMs: data.DATABASE_STATEMENT_TIMEOUT_MS,
      lockTimeoutMs: data.DATABASE_LOCK_TIMEOUT_MS,
      idleInTransactionTimeoutMs: data.DATABASE_IDLE_TIMEOUT_MS,
    },
    dataFolder: data.DATA_FOLDER,
    logLevel: data.LOG_LEVEL,
    drainMs: data.DRAIN_MS,
    closeTimeoutMs: data.CLOSE_TIMEOUT_MS,
    keepAliveTimeoutMs: data.KEEP_ALIVE_TIMEOUT_MS,
    metricsPort: data.METRICS_PORT,
    origins: data.ORIGINS,
    cookieSecrets: data.COOKIE_SECRET,
    credentialSecrets: data.CREDENTIAL_SECRET,
    trustsPlainIds: data.INSECURE_PLAIN_USER_IDS !== undefined,
    picaSecret: data.PICA_SECRET_KEY,
    sandboxSecret: data.SANDBOX_SECRET,
  };
}

/** What must never be logged. */
export function secretsIn({ picaSecret, cookieSecrets, credentialSecrets }: Settings): string[] {
  const keys = picaSecret?.split(',').map((key) => key.trim()) ?? [];
  return [...keys, ...(cookieSecrets ?? []), ...(credentialSecrets ?? [])];
}
