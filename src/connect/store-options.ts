import type { StoreOptions } from '../endpoints/store.js';

/** A copy of the options, because the host's may change. */
export const optionsOf = (host: StoreOptions): StoreOptions => {
  const { connectionsUrl, identity, outbox, tokenUrl, tokenHeaders, requestHeaders } = host;
  return { connectionsUrl, identity, outbox, tokenUrl, tokenHeaders, requestHeaders };
};
