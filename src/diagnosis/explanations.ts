import type { PicaErrorCode } from '../errors.js';
import { frameCases } from './frame-explanations.js';
import { type Explanation, oddHeader, tokenExplanations } from './token-explanations.js';

const tokenUrlForm =
  'Give token-url as a full address that begins with https:// (or http:// on your own machine).';
const headersForm = `Write {attribute} as a JSON object of strings, for example {attribute}='{"authorization": "Bearer …"}'.`;
const reachAuthKit =
  'Check that the network lets this browser reach that address, and base-url if you set it.';
const rowsForm = '{attribute} has to answer with an array, or with {"rows": […]}.';

/** The cases that every request to the host's endpoints has. */
const requestCases = (
  method: string,
  attribute: string,
  { failure = '', refused = '', silent = '' } = {},
): Explanation['cases'] => {
  const signedOut = `Is the user signed out? Then ${attribute} must answer ${method} with 401, not with a web page or a redirect.${refused}`;
  return {
    answer: { message: `${failure}${attribute} answered {status}.`, hint: `{change}${refused}` },
    redirect: { message: `${failure}${attribute} answered with a redirect.`, hint: signedOut },
    webPage: { message: `${failure}${attribute} answered with a web page.`, hint: signedOut },
    slow: {
      message: `${failure}${attribute} did not answer within {seconds} seconds.`,
      hint: `Find out why your server takes so long to answer ${method}.${silent}`,
    },
    silent: {
      message: `${failure}${attribute} could not be reached.`,
      hint: `Check the address in ${attribute}, and that the server runs. On another origin, it must answer OPTIONS and ${method} with CORS headers.${silent}`,
    },
  };
};

/**
 * Every error, with every way in which it comes about. The documentation's pages are made from this. Except for the
 * token endpoint's, the elements have these texts too; the tests compare each error that they see with them.
 */
export const explanations: Record<PicaErrorCode, Explanation> = {
  ...tokenExplanations,
  'token-url-missing': {
    title: 'There is no token-url',
    meaning: 'AuthKit cannot open: it does not know where your server gives out tokens.',
    cases: {
      missing: {
        message: 'There is no token-url.',
        hint: 'Add token-url with the address of your token endpoint, for example token-url="https://example.com/api/authkit/token".',
      },
    },
  },
  'token-url-invalid': {
    title: 'token-url is no web address',
    meaning: 'AuthKit cannot open: nobody can send a request to what token-url says.',
    cases: {
      none: { message: 'token-url is not a web address: "{text}".', hint: tokenUrlForm },
      password: {
        message: 'token-url holds a user name or password, and browsers refuse such addresses.',
        hint: tokenUrlForm,
      },
    },
  },
  'token-headers-invalid': {
    title: 'Headers cannot be sent',
    meaning: 'AuthKit does not open, or a list is not loaded, as its request could not be made.',
    cases: {
      form: { message: '{attribute} {what}.', hint: headersForm },
      odd: oddHeader,
      function: {
        message: 'The function for {attribute} failed.',
        hint: 'Look at the cause: it is what your function threw.',
      },
      slow: {
        message: 'The function for {attribute} did not answer within {seconds} seconds.',
        hint: 'Make its promise resolve or reject sooner.',
      },
      late: {
        message: 'The token-headers did not come within {seconds} seconds.',
        hint: 'Let the function that you gave for token-headers answer sooner, or raise timeout.',
      },
      letters: {
        message: '{attribute} has letters in the header "{name}" that a browser cannot send.',
        hint: 'Encode the value of "{name}", for example with encodeURIComponent(), and decode it on your server{more}.',
      },
    },
  },
  'authkit-unreachable': {
    title: "AuthKit's page cannot be shown",
    meaning: 'AuthKit has closed again: its page did not come.',
    cases: {
      silent: { message: "AuthKit's page at {origin} cannot be reached.", hint: reachAuthKit },
      slow: {
        message: "AuthKit's page at {origin} did not load within {seconds} seconds.",
        hint: reachAuthKit,
      },
      refused: {
        message:
          "AuthKit's page at {origin} refuses to be shown in a frame of this page (frame-ancestors).",
        hint: reachAuthKit,
      },
      address: {
        message: 'base-url is not AuthKit\'s address: "{text}".',
        hint: "Leave base-url out to use Pica's own AuthKit, or give a full http(s) address without ? and #.",
      },
    },
  },
  'authkit-blocked': {
    title: 'This page keeps AuthKit out',
    meaning:
      'AuthKit has closed again: a rule of the page that it was opened from, or of the page around that, keeps it out.',
    cases: {
      policy: {
        message:
          "This page's Content-Security-Policy forbids the frame of AuthKit's page at {origin}.",
        hint: 'Add {origin} to frame-src in that policy: frame-src {origin}; (or to child-src, if it has that and no frame-src).',
      },
      embedder: {
        message:
          "This page's Cross-Origin-Embedder-Policy forbids the frame of AuthKit's page at {origin}.",
        hint: 'Take Cross-Origin-Embedder-Policy off this page, or open AuthKit from one without it.',
      },
      ...frameCases,
    },
  },
  'connection-failed': {
    title: 'AuthKit could not connect the account',
    meaning: 'AuthKit is still open, and the user can try again there.',
    cases: {
      said: {
        message: 'AuthKit could not connect the account: {words}',
        hint: "The user can try again in AuthKit. If it goes on, look for this in your Pica dashboard's logs.",
      },
      framed: {
        message: 'AuthKit could not connect the account: {words}',
        hint: "The user can try again in AuthKit. If it goes on, look for this in your Pica dashboard's logs. If it is about a window: this frame needs allow-popups in its sandbox.",
      },
    },
  },
  'connection-invalid': {
    title: 'That is no connection',
    meaning:
      'What AuthKit, your endpoint or your page gave as a connection cannot be used. The others are.',
    cases: {
      row: {
        message: '{what}',
        hint: 'Every connection needs a text "key" (or "connection_key") and a text "platform".',
      },
      array: {
        message: 'The connections are not an array.',
        hint: 'Give connections as an array; where there is {"rows": […]}, give its rows.',
      },
      flood: {
        message: 'AuthKit reported more than {count} connections in one opening.',
        hint: 'What it reported after that was left out. Its page does not do that by itself: check base-url, and tell Pica.',
      },
    },
  },
  'save-failed': {
    title: 'A connection was made and is not stored yet',
    meaning:
      'The element shows that, with a way to try again. Nothing is forgotten while the page is open; with identity and connections-url, the next page sends it again.',
    cases: {
      ...requestCases('POST', 'connections-url', {
        failure: 'The connection to {name} was not saved: ',
        refused: ' retrySave() saves it again.',
        silent: ' retrySave() saves it again.',
      }),
      changed: {
        message: 'The connection to {name} was not saved: the user or connections-url has changed.',
        hint: 'It is saved once a page has that user and address again.',
      },
      address: {
        message:
          'The connection to {name} was not saved: connections-url is not a web address: "{text}".',
        hint: 'Give connections-url as a full address, or as one that is relative to the page.',
      },
      page: {
        message: "The connection to {name} was not saved: the page's own save failed.",
        hint: 'The cause is what a listener of pica-success threw, or what the promise that it gave to waitUntil() was rejected with.',
      },
      headers: {
        message: 'The connection to {name} was not saved: {what}',
        hint: '{headers}',
      },
    },
  },
  'load-failed': {
    title: 'The list could not be loaded',
    meaning:
      'The list says so, with Retry. Rows that it had loaded before stay, marked as out of date.',
    cases: {
      ...requestCases('GET', '{attribute}'),
      text: { message: '{attribute} did not answer with JSON.', hint: rowsForm },
      rows: { message: '{attribute} answered without rows.', hint: rowsForm },
      address: {
        message: '{attribute} is not a web address: "{text}".',
        hint: 'Give {attribute} as a full address, or as one that is relative to the page.',
      },
    },
  },
  'disconnect-failed': {
    title: 'A connection could not be disconnected',
    meaning: 'The row stays, and says so. The user can try again.',
    cases: {
      ...requestCases('DELETE', 'connections-url', {
        failure: 'The connection was not deleted: ',
        refused: ' The connection is still there.',
        silent: ' Read the list again to see whether the connection is still there.',
      }),
      key: {
        message: 'The connection was not deleted: its key cannot be part of an address.',
        hint: 'Listen to pica-disconnect, prevent its default, and delete the connection in a way of your own.',
      },
      late: {
        message: 'The connection was not deleted: connections-url still has it ten seconds later.',
        hint: 'DELETE must not answer 2xx, 404 or 410 before the connection is gone, and GET must not answer from an old cache.',
      },
      page: {
        message: 'The connection was not deleted: the page refused.',
        hint: 'The cause is what a promise that was given to waitUntil() of pica-disconnect was rejected with.',
      },
      headers: { message: 'The connection was not deleted: {what}', hint: '{headers}' },
    },
  },
};
