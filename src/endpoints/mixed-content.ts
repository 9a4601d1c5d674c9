/** Whether browsers stop AuthKit's page, at https, from requesting `url`, at http. */
export function isMixed(url: string, authkitOrigin: string): boolean {
  const isLoopback = /^http:\/\/(([^/]+\.)?localhost|127\.[\d.]+|\[::1\])[:/]/.test(url);
  return url.startsWith('http:') && authkitOrigin.startsWith('https:') && !isLoopback;
}
