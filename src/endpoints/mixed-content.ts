/** Whether AuthKit's page, at https, is kept from asking there, at http. */
export function isMixed(url: string, authkitOrigin: string): boolean {
  const isLoopback = /^http:\/\/(([^/]+\.)?localhost|127\.[\d.]+|\[::1\])[:/]/.test(url);
  return url.startsWith('http:') && authkitOrigin.startsWith('https:') && !isLoopback;
}
