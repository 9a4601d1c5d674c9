import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, before, describe, it } from 'node:test';
import { faults, PicaStandIn, expectedErrors } from './pica-stand-in.js';

const guarded = `const { createToken } = await import(${JSON.stringify(
  new URL('../../demo/examples/backends/guarded-token.mjs', import.meta.url).href,
)});`;

/** The code in Pica's guides. */
const unguarded = `const { AuthKitToken } = await import('@picahq/authkit-token');
  const createToken = (identity) =>
    new AuthKitToken(process.env.PICA_SECRET_KEY, { baseUrl: process.env.PICA_API })
      .create({ identity, identityType: 'user' });`;

describe('@picahq/authkit-token', () => {
  let pica: PicaStandIn;

  before(async () => {
    pica = await PicaStandIn.start(`sk_test_${randomBytes(16).toString('hex')}`);
    for (const fault of faults) pica.faults.set(fault, fault);
  });
  after(() => pica.close());

  /** Creates a token in a separate process, and returns everything that the process prints. */
  async function createToken(code: string, identity: string, settings = {}) {
    const script = `${code}
      try {
        console.log('rows:', (await createToken(${JSON.stringify(identity)})).rows.length);
      } catch (error) {
        console.log('failed:', error.status, error.headers?.['Retry-After'], error);
      }`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        NODE_OPTIONS: '',
        PICA_SECRET_KEY: pica.secret,
        PICA_API: pica.origin,
        ...settings,
      },
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    }
    await once(child, 'close');
    return { output, hasSecret: output.includes(pica.secret.slice(8, 24)) };
  }

  it('creates a token with the guard', async () => {
    const { output } = await createToken(guarded, 'ada');
    assert.match(output, /^rows: 2\d\d$/m);
  });

  it('prints the secret key without the guard', async () => {
    pica.flagsFault = 'unauthorized';
    const [withoutGuard, withGuard] = await Promise.all([
      createToken(unguarded, 'ada'),
      createToken(guarded, 'ada'),
    ]);
    pica.flagsFault = undefined;
    assert.deepEqual([withoutGuard.hasSecret, withGuard.hasSecret], [true, false]);
    assert.match(withGuard.output, /Pica answered 401/);
  });

  it('sends the secret key to the target of a redirect without the guard', async () => {
    await createToken(unguarded, 'redirect');
    const sentKeys = pica.redirectedRequests
      .splice(0)
      .map(({ headers }) => headers.get('x-pica-secret'));
    assert.ok(sentKeys.includes(pica.secret));
    await createToken(guarded, 'redirect');
    assert.deepEqual(pica.redirectedRequests, []);
  });

  describe('with the guard', { concurrency: true }, () => {
    // The package uses the page count of the first response, so a growing page count does no harm.
    for (const fault of faults.filter((name) => name !== 'growing-page-count')) {
      it(`creates no token and prints no secret key when Pica fails with "${fault}"`, async () => {
        const { output, hasSecret } = await createToken(guarded, fault);
        const { status, retryAfter } = expectedErrors[fault];
        const [, reportedStatus, retryAfterValue = ''] =
          /^failed: (\d+) (\S+) /m.exec(output) ?? [];
        assert.equal(reportedStatus, String(status), output);
        assert.match(retryAfterValue, retryAfter ?? /^undefined$/);
        assert.equal(hasSecret, false, output);
      });
    }

    it('prints no secret key when Pica cannot be reached', async () => {
      const { output, hasSecret } = await createToken(guarded, 'ada', {
        PICA_API: 'http://127.0.0.1:9',
      });
      assert.match(output, /^failed: 502 10 /m);
      assert.equal(hasSecret, false, output);
    });

    it('prints no secret key that is an invalid header value', async () => {
      for (const secret of [`${pica.secret}\n`, `${pica.secret}\nX-Other: 1`, `“${pica.secret}”`]) {
        const { output, hasSecret } = await createToken(guarded, 'ada', {
          PICA_SECRET_KEY: secret,
        });
        assert.equal(hasSecret, false, output);
      }
    });
  });
});
