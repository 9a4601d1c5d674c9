import getPort from 'get-port';

/** How many ports are tried after the wanted one. */
const next = 50;

/** The wanted port, or the next one after it that is free; any for 0. */
export async function freePort(
  whose: string,
  wanted: number,
  say: (progress: string) => void,
): Promise<number> {
  if (wanted === 0) return getPort({ host: '127.0.0.1', reserve: true });
  const candidates = Array.from({ length: next }, (_, index) => wanted + index);
  const port = await getPort({
    port: candidates.filter((candidate) => candidate <= 65_535),
    // The servers listen there only, and a program on another address is in nobody's way.
    host: '127.0.0.1',
    // The database may take longer to open than get-port remembers what it has given away.
    reserve: true,
  });
  if (port !== wanted) {
    say(`${whose} takes port ${String(port)}, as ${String(wanted)} is in use.`);
  }
  return port;
}
