import { z } from 'zod';
import type { Owner } from '../owner.js';
import { Problem } from '../problem.js';
import { withAcceptedSecret, withoutSecrets, type PicaAccess } from './access.js';
import { createAuthKitToken } from './authkit-token.js';
import { observed } from './observe.js';
import { keyRefused } from './request.js';

/** What AuthKit's page can work with: today's list of integrations, or an older endpoint's token. */
const tokenSchema = z.union([
  z.looseObject({ rows: z.array(z.looseObject({ title: z.string() })) }),
  z.looseObject({ token: z.string().min(1), expiresAt: z.union([z.number(), z.string()]) }),
]);

export type Token = z.infer<typeof tokenSchema>;

const errorBodySchema = z.object({ type: z.string(), message: z.string().optional() });

/**
 * Asks Pica for the object that opens AuthKit for one identity.
 *
 * The package throws nothing: with a wrong key it returns Pica's error body, without a network `undefined`. Passed
 * on as they are, AuthKit would be given an error with status 200. So what comes back is checked.
 *
 * @throws Problem when it is not a token
 */
export function createToken(pica: PicaAccess, owner: Owner): Promise<Token> {
  return observed(pica, 'create_token', () => requestToken(pica, owner));
}

async function requestToken(pica: PicaAccess, owner: Owner): Promise<Token> {
  const answer = await withAcceptedSecret(
    pica,
    (secret) => createAuthKitToken(secret, pica.api, owner),
    (candidate) => isRefusal(errorBodySchema.safeParse(candidate).data?.type),
  );
  const token = tokenSchema.safeParse(answer);
  if (token.success) return token.data;
  throw problemOf(answer, pica);
}

const isRefusal = (type = '') => /unauthorized|forbidden|invalid.?key/i.test(type);

function problemOf(answer: unknown, pica: PicaAccess): Problem {
  const { host } = new URL(pica.api);
  if (answer === undefined) {
    return new Problem(
      502,
      'pica-unreachable',
      'Pica did not answer.',
      `The host could not reach ${host}. Check its network, and the base URL of the Pica API.`,
    );
  }
  const body = errorBodySchema.safeParse(answer);
  if (!body.success) {
    return new Problem(
      502,
      'pica-answer-invalid',
      'Pica answered with something that is not a token.',
      `Check that ${host} is the Pica API, and not a proxy or a web page.`,
    );
  }
  const { type, message } = body.data;
  const reason = withoutSecrets(message ? `${type}: ${message}` : type, pica.secrets).slice(0, 300);
  return isRefusal(type)
    ? keyRefused(reason)
    : new Problem(502, 'pica-error', `Pica answered with an error (${reason}).`);
}
