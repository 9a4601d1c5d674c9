import { z } from 'zod';
import type { Owner } from '../owner.js';
import { Problem } from '../problem.js';
import { withAcceptedSecret, withoutSecrets, type PicaAccess } from './access.js';
import { orAborted, withTimeLimit } from '../time-limit.js';
import { createAuthKitToken, type TokenAnswer } from './authkit-token-package.js';
import {
  abortedRequestError,
  isBusy,
  keyRefused,
  refusal,
  tooSlow,
  unreachable,
} from './problems.js';
import { observeRequest } from './request-observer.js';

/** The answers that AuthKit's page accepts: a list of integrations, or an older endpoint's token. */
const tokenSchema = z.union([
  z.looseObject({ rows: z.array(z.looseObject({ title: z.string() })) }),
  z.looseObject({ token: z.string().min(1), expiresAt: z.union([z.number(), z.string()]) }),
]);

export type Token = z.infer<typeof tokenSchema>;

const errorBodySchema = z.object({ type: z.string(), message: z.string().optional() });

/** For all of the package's requests together. */
const timeoutMs = 10_000;

/**
 * Requests the object that opens AuthKit for one identity.
 *
 * The package never throws. With a wrong key, it returns Pica's error body, and without a network, `undefined`. If that
 * were passed on, AuthKit would get an error with status 200.
 *
 * @param signal cancels the work
 * @throws Problem if the result isn't a token
 */
export function createToken(pica: PicaAccess, owner: Owner, signal?: AbortSignal): Promise<Token> {
  const ask = () => requestToken(pica, owner, signal);
  return observeRequest(pica, 'create_token', ask, undefined, signal);
}

function requestToken(pica: PicaAccess, owner: Owner, signal?: AbortSignal): Promise<Token> {
  return withTimeLimit(timeoutMs, tooSlow(), [signal], async (limited) => {
    const asking = withAcceptedSecret(
      pica,
      (secret) => createAuthKitToken(secret, pica.api, owner, limited),
      ({ answer }) => isRefusal(errorBodySchema.safeParse(answer).data?.type),
    );
    // The package ignores the signal while it pauses before a repeat.
    const result = await orAborted(asking, limited).catch(() => undefined);
    if (!result || limited.aborted) throw abortedRequestError(limited);
    const token = tokenSchema.safeParse(result.answer);
    if (token.success) return token.data;
    throw problemOf(result, pica);
  });
}

const isRefusal = (type = '') => /unauthorized|forbidden|invalid.?key/i.test(type);

function problemOf({ answer, failure }: TokenAnswer, pica: PicaAccess): Problem {
  const { host } = new URL(pica.api);
  if (failure === 'timeout') return tooSlow();
  const refused = typeof failure === 'object' ? failure : undefined;
  if (refused?.status === 429) return refusal(refused);
  if (answer === undefined && failure !== 'too-many-pages') {
    return unreachable(
      `The host could not reach ${host}. Check its network, and the base URL of the Pica API.`,
    );
  }
  const busy = refused && isBusy(refused.status) ? refused : undefined;
  const body = errorBodySchema.safeParse(answer);
  if (!body.success) {
    if (busy) return refusal(busy);
    return new Problem(
      502,
      'pica-answer-invalid',
      'Pica answered with something that is not a token.',
      `Check that ${host} is the Pica API, and not a proxy or a web page.`,
    );
  }
  const { type, message } = body.data;
  const reason = withoutSecrets(message ? `${type}: ${message}` : type, pica.secrets).slice(0, 300);
  if (isRefusal(type)) return keyRefused(reason);
  const answered = `Pica answered with an error (${reason}).`;
  return new Problem(502, 'pica-error', answered, undefined, busy?.retryAfterSeconds);
}
