import getPort from 'get-port';

const maxCandidates = 50;

/**
 * @param user the name of the server that needs the port, for the message about another port
 * @returns the wanted port, or the next free one after it. For 0, any free port.
 */
export async function freePort(
  user: string,
  wanted: number,
  report: (progress: string) => void,
): Promise<number> {
  if (wanted === 0) return getPort({ host: '127.0.0.1', reserve: true });
  const candidates = Array.from({ length: maxCandidates }, (_, index) => wanted + index);
  const port = await getPort({
    port: candidates.filter((candidate) => candidate <= 65_535),
    // The only address that the servers listen on. A program on another address doesn't matter.
    host: '127.0.0.1',
    // Opening the database can take longer than get-port's short lock on a port.
    reserve: true,
  });
  if (port !== wanted) {
    report(`${user} takes port ${String(port)}, as ${String(wanted)} is in use.`);
  }
  return port;
}
