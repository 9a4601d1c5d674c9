import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { defaultLimits, limitsSchema } from '../../demo/app/backend/database/limits.js';
import { readSettings } from '../../demo/app/start/settings.js';

const long = 'thirty-two-letters-or-more-of-chance';

suite('the settings of the demo', () => {
  test('keep the order of secrets, and write origins as browsers do', () => {
    const settings = readSettings({
      COOKIE_SECRET: `${long}-2, ${long}-1`,
      CREDENTIAL_SECRET: long,
      ORIGINS: 'https://demo.example/, http://demo.local:8080',
    });
    assert.deepEqual(settings.cookieSecrets, [`${long}-2`, `${long}-1`]);
    assert.deepEqual(settings.credentialSecrets, [long]);
    assert.deepEqual(settings.origins, ['https://demo.example', 'http://demo.local:8080']);
  });

  test('by default trust no plain IDs, and keep secrets in the data folder', () => {
    const { trustsPlainIds, cookieSecrets, credentialSecrets, origins } = readSettings({});
    assert.deepEqual(
      [trustsPlainIds, cookieSecrets, credentialSecrets, origins],
      [false, undefined, undefined, []],
    );
    assert.equal(readSettings({ INSECURE_PLAIN_USER_IDS: '1' }).trustsPlainIds, true);
  });

  test('drain only if DRAIN_MS is set, because a terminal has no other clients', () => {
    assert.equal(readSettings({}).drainMs, 0);
    const { drainMs, closeTimeoutMs } = readSettings({ DRAIN_MS: '5000', CLOSE_TIMEOUT_MS: '100' });
    assert.deepEqual([drainMs, closeTimeoutMs], [5000, 100]);
  });

  test('by default use the backend’s database limits', () => {
    const limits = (environment: NodeJS.ProcessEnv) =>
      limitsSchema.parse(readSettings(environment).databaseLimits);
    assert.deepEqual(limits({}), defaultLimits);
    assert.deepEqual(
      limits({
        DATABASE_POOL_SIZE: '20',
        DATABASE_CONNECT_TIMEOUT_MS: '1000',
        DATABASE_STATEMENT_TIMEOUT_MS: '2000',
        DATABASE_LOCK_TIMEOUT_MS: '3000',
        DATABASE_IDLE_TIMEOUT_MS: '4000',
      }),
      {
        poolSize: 20,
        connectTimeoutMs: 1000,
        statementTimeoutMs: 2000,
        lockTimeoutMs: 3000,
        idleInTransactionTimeoutMs: 4000,
      },
    );
  });

  for (const [name, value] of Object.entries({
    DATABASE_POOL_SIZE: '1001',
    DATABASE_CONNECT_TIMEOUT_MS: '-1',
    DATABASE_STATEMENT_TIMEOUT_MS: '10s',
    DATABASE_LOCK_TIMEOUT_MS: '3600001',
    DATABASE_IDLE_TIMEOUT_MS: '1.5',
    COOKIE_SECRET: `${long},short`,
    CREDENTIAL_SECRET: 'short',
    ORIGINS: 'without-a-scheme.example',
    INSECURE_PLAIN_USER_IDS: 'yes',
    LOG_LEVEL: 'loud',
    DRAIN_MS: '5 s',
    KEEP_ALIVE_TIMEOUT_MS: '0',
    METRICS_PORT: '65536',
    PORT: 'x',
  })) {
    test(`say what ${name} must be, without its value`, () => {
      assert.throws(
        () => readSettings({ [name]: value }),
        ({ name: kind, message }: Error) =>
          kind === 'StartError' && message.startsWith(`${name} must`) && !message.includes(value),
      );
    });
  }
});
