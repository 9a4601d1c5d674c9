/**
 * The `allow` attribute of AuthKit's frame. With Local Network Access, browsers keep AuthKit's public page from a token
 * endpoint on this machine or in a private network, unless the embedding page delegates its own permission. Only
 * developers have such an endpoint, so nothing is delegated otherwise, and only to the origin of AuthKit's page.
 */
export function frameAllow(tokenUrl: string): string {
  // The other two replace the first one. Browsers ignore the names that they don't know.
  return isLocal(new URL(tokenUrl).hostname)
    ? 'local-network-access; loopback-network; local-network'
    : '';
}

/** @param hostname from a `URL`, which writes each address in one form only, IPv6 in brackets. */
function isLocal(hostname: string): boolean {
  return (
    /(^|\.)(localhost|local)\.?$/.test(hostname) ||
    /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
      hostname,
    ) ||
    /^\[(::1|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*)\]$/.test(hostname)
  );
}
