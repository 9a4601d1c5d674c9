import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import { applyOptions, enableExit, exit, show } from './card.js';
import { postError, postSuccess } from './messages.js';
import { requestConsent, type Consent } from './oauth.js';
import { receiveOptions, type Options } from './options.js';
import { requestToken, type Token, type TokenRow } from './token.js';
import { connecting } from './views/connecting.js';
import { integrations } from './views/integrations.js';
import { failure, success } from './views/outcome.js';
import { loading, waiting } from './views/progress.js';

/** The options and the token that the page was opened with. */
interface Link {
  options: Options;
  token: Token;
}

/** The consent that the user is being asked for. */
let consent: Consent | undefined;

const close = { label: 'Close', run: exit };

async function start() {
  enableExit(() => {
    consent?.cancel();
    consent = undefined;
  });
  show(loading('Waiting for AuthKit…'));
  const options = await receiveOptions();
  applyOptions(options);
  await loadToken(options);
}

async function loadToken(options: Options) {
  show(loading('Loading the integrations…'));
  try {
    showFirstView({ options, token: await requestToken(options) });
  } catch (error) {
    // Posts no message: the real page does not tell its host about this error either.
    const again = { label: 'Try again', run: () => void loadToken(options) };
    show(failure('The integrations could not be loaded', messageOf(error), [again, close]));
  }
}

function showFirstView(link: Link) {
  const { selectedConnection: selected } = link.options;
  if (!selected) {
    showList(link);
    return;
  }
  const row = activeRows(link).find(
    ({ title, connectionDefId }) => title === selected || String(connectionDefId) === selected,
  );
  if (row) {
    void showOne(link, row);
    return;
  }
  show(
    failure(
      'This platform does not exist',
      `There is no “${selected}” among the integrations that can be connected.`,
      [close],
    ),
  );
}

const activeRows = ({ token }: Link) =>
  token.rows
    .filter(({ active }) => active !== false)
    .sort((a, b) => a.title.localeCompare(b.title, 'en'));

const showList = (link: Link) =>
  show(integrations(activeRows(link), (row) => void showOne(link, row)));

async function showOne(link: Link, row: TokenRow) {
  const { companyName, showNameInput, selectedConnection } = link.options;
  show(loading(`Opening ${row.title}…`));
  try {
    const { oauth } = await fetchJson<{ oauth: boolean }>(
      `link/definitions/${encodeURIComponent(row.type)}`,
    );
    show(
      connecting({
        row,
        companyName,
        oauth,
        asksName: showNameInput === true,
        back: selectedConnection ? undefined : () => showList(link),
        submit: ({ name, apiKey }) => {
          const request = connectionRequest(link, row, name);
          void (oauth
            ? connectByConsent(link, row, request)
            : connectByKey(link, row, request, apiKey));
        },
      }),
    );
  } catch (error) {
    showError(link, row, messageOf(error));
  }
}

const connectionRequest = (
  { options, token }: Link,
  row: TokenRow,
  name: string,
): Record<string, string> => ({
  platform: row.type,
  ...(token.requestId !== undefined && { requestId: String(token.requestId) }),
  ...(options.companyName && { companyName: options.companyName }),
  ...(name && { name }),
});

async function connectByConsent(link: Link, row: TokenRow, request: Record<string, string>) {
  const current = requestConsent(request);
  consent = current;
  show(waiting(row.title, current.showAgain, current.cancel));
  try {
    const outcome = await current.outcome;
    // The user has left AuthKit, which closed the popup. Do not report that as an error.
    if (consent !== current) return;
    if (outcome.status === 'allowed') showSuccess(link, row, outcome.connection);
    else showError(link, row, reasons[outcome.status](row.title));
  } catch (error) {
    current.cancel();
    showError(link, row, messageOf(error));
  }
}

const reasons = {
  denied: (title: string) => `The access to ${title} was denied.`,
  closed: (title: string) => `The window of ${title} was closed before access was allowed.`,
  blocked: (title: string) => `The browser did not open the window of ${title}. Allow popups here.`,
};

async function connectByKey(
  link: Link,
  row: TokenRow,
  request: Record<string, string>,
  apiKey: string,
) {
  show(loading(`Checking the API key with ${row.title}…`));
  try {
    const { connection } = await fetchJson<{ connection: ConnectionRecord }>('link/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...request, apiKey }),
    });
    showSuccess(link, row, connection);
  } catch (error) {
    showError(link, row, messageOf(error));
  }
}

function showSuccess(link: Link, row: TokenRow, connection: ConnectionRecord) {
  postSuccess(connection);
  // A user who chose from the list can connect several integrations in one opening.
  const another = { label: 'Connect another', run: () => showList(link) };
  const done = { label: 'Done', run: exit };
  show(success(row.title, link.options.selectedConnection ? [done] : [done, another]));
}

function showError(link: Link, row: TokenRow, reason: string) {
  postError(reason);
  const again = { label: 'Try again', run: () => void showOne(link, row) };
  show(failure(`${row.title} is not connected`, reason, [again, close]));
}

/** Fetches from the sandbox. Rejects with a message for the user. */
async function fetchJson<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch(() => undefined);
  if (!response) throw new Error('The sandbox could not be reached.');
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { message: string }).message);
  return answer as Answer;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

void start();
