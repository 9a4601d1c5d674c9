/** Why browsers don't trust a certificate. */
const certificates: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet: check the clocks of both machines',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'was signed by the server itself: no browser trusts it',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that this machine does not know',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that this machine does not know',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'has an incomplete chain: the server does not send the intermediate certificates',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for another host name',
};

/** Says why there was no answer. */
export function describeConnectionError(
  error: NodeJS.ErrnoException,
  { hostname, host, port, protocol }: URL,
  timeoutMs: number,
  isSlow: boolean,
): string {
  if (isSlow) return `there was no answer within ${timeoutMs / 1000} seconds`;
  const code = error.code ?? error.name;
  const certificate = certificates[code];
  if (certificate) return `the certificate of ${hostname} ${certificate} (${code})`;
  const at = port ? host : `${host}, port ${protocol === 'https:' ? '443' : '80'}`;
  switch (code) {
    case 'ENOTFOUND':
      return `there is no host named ${hostname} (${code}): check its spelling and DNS`;
    case 'EAI_AGAIN':
      return `${hostname} could not be looked up (${code}): DNS does not answer`;
    case 'ECONNREFUSED':
      return `nothing listens at ${at} (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${at} hung up without an answer (${code})`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `${at} cannot be reached (${code}): check firewalls and networks`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `${at} does not speak TLS (${code}): try http`;
    default:
      return code.startsWith('HPE_')
        ? `${at} does not speak HTTP (${code}): try https`
        : `the request to ${at} failed (${code})`;
  }
}
