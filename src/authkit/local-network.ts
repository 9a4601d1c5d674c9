/**
 * The `allow` of AuthKit's frame. Browsers with Local Network Access keep AuthKit's public page from a
 * token endpoint on this machine or in a private network, unless the page that holds the frame hands
 * its own permission on. A developer's endpoint is such a one, a visitor's never is: only then is it
 * handed on, and to the origin of AuthKit's page alone.
 */
export function frameAllow(tokenUrl: string): string {
  // The first name was split into the other two; a browser ignores those that it does not know.
  return isLocal(new URL(tokenUrl).hostname)
    ? 'local-network-access; loopback-network; local-network'
    : '';
}

/** `hostname` as URL writes it: addresses in their one canonical form, IPv6 in brackets. */
function isLocal(hostname: string): boolean {
  return (
    /(^|\.)(localhost|local)\.?$/.test(hostname) ||
    /^(127|10|192\.168|169\.254|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\.[\d.]+$/.test(
      hostname,
    ) ||
    /^\[(::1|f[cd][\da-f]{2}:.*|fe[89ab][\da-f]:.*)\]$/.test(hostname)
  );
}
