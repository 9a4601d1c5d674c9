import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { logLevels } from '../backend/log.js';
import { StartError } from '../backend/start-error.js';

export interface Settings {
  /** The ports to begin looking at; 0 takes any that is free. */
  port: number;
  sandboxPort: number;
  faultyPort: number;
  /** A `postgres://` URL, or the folder of the embedded database. */
  database: string;
  /** Where the sandbox keeps its vault, too. */
  dataFolder: string;
  /** Of the backend's log; in a terminal, only what somebody has to look at. */
  logLevel: (typeof logLevels)[number];
  /** With a key, the real Pica is used; without one, the sandbox. */
  picaSecret: string | undefined;
  /** The key that the sandbox accepts. Any other than the default shows what a wrong key looks like. */
  sandboxSecret: string;
}

const port = (otherwise: number) =>
  z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .pipe(z.number().max(65_535))
    .default(otherwise);

const schema = z.object({
  PORT: port(4000),
  SANDBOX_PORT: port(4001),
  FAULTY_PORT: port(4002),
  DATABASE_URL: z.string().optional(),
  DATA_FOLDER: z.string().default(fileURLToPath(new URL('../../.data', import.meta.url))),
  PICA_SECRET_KEY: z.string().optional(),
  LOG_LEVEL: z.enum(logLevels).default('warn'),
  SANDBOX_SECRET: z.string().default('sk_test_sandbox'),
});

/**
 * What the environment says. A variable that is set to nothing counts as not set.
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
    // What they were set to is left out, in case it was a key.
    const name = String(error.issues[0]?.path[0]);
    if (name === 'LOG_LEVEL')
      throw new StartError(`LOG_LEVEL must be one of ${logLevels.join(', ')}.`);
    throw new StartError(`${name} must be a number from 0 to 65535, or not be set at all.`);
  }
  return {
    port: data.PORT,
    sandboxPort: data.SANDBOX_PORT,
    faultyPort: data.FAULTY_PORT,
    database: data.DATABASE_URL ?? data.DATA_FOLDER,
    dataFolder: data.DATA_FOLDER,
    logLevel: data.LOG_LEVEL,
    picaSecret: data.PICA_SECRET_KEY,
    sandboxSecret: data.SANDBOX_SECRET,
  };
}
