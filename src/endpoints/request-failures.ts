/*
 * The texts for a request to the host's server that failed. `attribute` is the attribute with the endpoint's URL. The
 * documentation's pages about errors are made from these functions too.
 */

/** The texts for one failure. `what` completes the sentence that an error's message begins. */
interface FailureTexts {
  what: string;
  hint: string;
}

export const errorStatus = (status: number, method: string, attribute: string): FailureTexts => ({
  what: `${attribute} answered ${status}.`,
  hint: statusHint(status, method, attribute),
});

export const redirected = (method: string, attribute: string): FailureTexts => ({
  what: `${attribute} answered with a redirect.`,
  hint: signedOutHint(method, attribute),
});

export const webPage = (method: string, attribute: string): FailureTexts => ({
  what: `${attribute} answered with a web page.`,
  hint: signedOutHint(method, attribute),
});

export const timedOut = (within: string, method: string, attribute: string): FailureTexts => ({
  what: `${attribute} did not answer ${within}.`,
  hint: `Find out why your server takes so long to answer ${method}.`,
});

export const unreachable = (method: string, attribute: string): FailureTexts => ({
  what: `${attribute} could not be reached.`,
  hint: `Check the URL in ${attribute}, and that the server is running. On another origin, it must answer OPTIONS and ${method} with CORS headers.`,
});

function statusHint(status: number, method: string, attribute: string): string {
  if (status === 401 || status === 403) {
    return 'Send what identifies the user in request-headers.';
  }
  if (status === 404 || status === 405) return `Make your server answer ${method} at ${attribute}.`;
  if (status === 429) return `Raise the limit for requests to ${attribute}.`;
  if (status >= 500) return `Your server failed at ${attribute}: check its log.`;
  return `Look at what your server answers to ${method} at ${attribute}.`;
}

const signedOutHint = (method: string, attribute: string): string =>
  `Is the user signed out? Then ${attribute} must answer ${method} with 401, not with a web page or a redirect.`;
