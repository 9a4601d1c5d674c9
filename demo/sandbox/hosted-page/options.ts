/** The options from `useAuthKit`. It passes them in the URL and again as a message. */
export interface Options {
  linkTokenEndpoint: string;
  linkHeaders?: Record<string, unknown>;
  title?: string;
  imageUrl?: string;
  companyName?: string;
  selectedConnection?: string;
  showNameInput?: boolean;
  appTheme?: 'dark' | 'light';
}

const isOptions = (value: unknown): value is Options =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<Options>).linkTokenEndpoint === 'string';

function optionsInUrl(): Options | undefined {
  try {
    const options: unknown = JSON.parse(
      atob(new URLSearchParams(location.search).get('data') ?? ''),
    );
    return isOptions(options) ? options : undefined;
  } catch {
    return undefined;
  }
}

/** Reads the options from the URL, or else waits for the message that follows the page's `load`. */
export function receiveOptions(): Promise<Options> {
  const given = optionsInUrl();
  if (given) return Promise.resolve(given);
  return new Promise((resolve) => {
    window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
      if (source === window.parent && isOptions(data)) resolve(data);
    });
  });
}
