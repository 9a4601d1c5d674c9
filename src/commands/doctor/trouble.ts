/** What a certificate has that no browser trusts. */
const certificates: Record<string, string> = {
  CERT_HAS_EXPIRED: 'has expired',
  CERT_NOT_YET_VALID: 'is not valid yet: look at the clocks',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'was signed by the server itself, which no browser trusts',
  SELF_SIGNED_CERT_IN_CHAIN: 'comes from an authority that is not known here',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'comes from an authority that is not known here',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'cannot be followed to its authority: the server leaves the certificates between them out',
  ERR_TLS_CERT_ALTNAME_INVALID: 'is for other host names',
};

/** Why there was no answer, for whoever runs the server. */
export function wordsFor(
  error: NodeJS.ErrnoException,
  { hostname, host, port, protocol }: URL,
  longest: number,
  isSlow: boolean,
): string {
  if (isSlow) return `there was no answer within ${longest / 1000} seconds`;
  const code = error.code ?? error.name;
  const certificate = certificates[code];
  if (certificate) return `the certificate of ${hostname} ${certificate} (${code})`;
  const at = port ? host : `${host}, port ${protocol === 'https:' ? '443' : '80'}`;
  switch (code) {
    case 'ENOTFOUND':
      return `there is no host of the name ${hostname} (${code}): look at its spelling and at DNS`;
    case 'EAI_AGAIN':
      return `the name ${hostname} could not be looked up (${code}): DNS does not answer`;
    case 'ECONNREFUSED':
      return `nothing listens at ${at} (${code})`;
    case 'ECONNRESET':
    case 'EPIPE':
      return `${at} hung up without an answer (${code})`;
    case 'ETIMEDOUT':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${at} (${code}): look at firewalls and networks`;
    case 'EPROTO':
    case 'ERR_SSL_WRONG_VERSION_NUMBER':
    case 'ERR_SSL_PACKET_LENGTH_TOO_LONG':
      return `${at} does not speak TLS (${code}): it may be at http`;
    default:
      return code.startsWith('HPE_')
        ? `${at} does not speak HTTP (${code}): it may be at https`
        : `${at} cannot be talked to (${code})`;
  }
}
