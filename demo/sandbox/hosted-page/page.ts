import type { ConnectionRecord } from '@picahq/authkit/dist/types';
import { dress, leave, letUserLeave, show } from './card.js';
import { postError, postSuccess } from './messages.js';
import { askConsent, type Consent } from './oauth.js';
import { receiveOptions, type Options } from './options.js';
import { requestToken, type Token, type TokenRow } from './token.js';
import { connecting } from './views/connecting.js';
import { integrations } from './views/integrations.js';
import { failure, success } from './views/outcome.js';
import { loading, waiting } from './views/progress.js';

/** One opening of the page: its options and its token, and the consent that is being asked for. */
interface Link {
  options: Options;
  token: Token;
}

let consent: Consent | undefined;

const close = { label: 'Close', run: leave };

async function start() {
  letUserLeave(() => {
    consent?.cancel();
    consent = undefined;
  });
  show(loading('Waiting for AuthKit…'));
  const options = await receiveOptions();
  dress(options);
  await loadToken(options);
}

async function loadToken(options: Options) {
  show(loading('Loading the integrations…'));
  try {
    enter({ options, token: await requestToken(options) });
  } catch (error) {
    // Nothing is posted: the real page leaves its host in the dark here, too.
    const again = { label: 'Try again', run: () => void loadToken(options) };
    show(failure('The integrations could not be loaded', wordsOf(error), [again, close]));
  }
}

function enter(link: Link) {
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
    const { oauth } = await ask<{ oauth: boolean }>(
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
          const wish = wishFor(link, row, name);
          void (oauth ? connectByConsent(link, row, wish) : connectByKey(link, row, wish, apiKey));
        },
      }),
    );
  } catch (error) {
    refuse(link, row, wordsOf(error));
  }
}

const wishFor = (
  { options, token }: Link,
  row: TokenRow,
  name: string,
): Record<string, string> => ({
  platform: row.type,
  ...(token.requestId !== undefined && { requestId: String(token.requestId) }),
  ...(options.companyName && { companyName: options.companyName }),
  ...(name && { name }),
});

async function connectByConsent(link: Link, row: TokenRow, wish: Record<string, string>) {
  const asked = askConsent(wish);
  consent = asked;
  show(waiting(row.title, asked.showAgain, asked.cancel));
  try {
    const outcome = await asked.outcome;
    // The user has left: nobody is to hear that the popup, closed for them, was closed.
    if (consent !== asked) return;
    if (outcome.status === 'allowed') accept(link, row, outcome.connection);
    else refuse(link, row, reasons[outcome.status](row.title));
  } catch (error) {
    asked.cancel();
    refuse(link, row, wordsOf(error));
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
  wish: Record<string, string>,
  apiKey: string,
) {
  show(loading(`Checking the API key with ${row.title}…`));
  try {
    const { connection } = await ask<{ connection: ConnectionRecord }>('link/connections', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...wish, apiKey }),
    });
    accept(link, row, connection);
  } catch (error) {
    refuse(link, row, wordsOf(error));
  }
}

function accept(link: Link, row: TokenRow, connection: ConnectionRecord) {
  postSuccess(connection);
  // Who came for one integration has it; who came to the list may want more, all in one opening.
  const another = { label: 'Connect another', run: () => showList(link) };
  const done = { label: 'Done', run: leave };
  show(success(row.title, link.options.selectedConnection ? [done] : [done, another]));
}

function refuse(link: Link, row: TokenRow, reason: string) {
  postError(reason);
  const again = { label: 'Try again', run: () => void showOne(link, row) };
  show(failure(`${row.title} is not connected`, reason, [again, close]));
}

/** Asks the sandbox; its errors carry a message for the user. */
async function ask<Answer>(path: string, init?: RequestInit): Promise<Answer> {
  const response = await fetch(path, init).catch(() => undefined);
  if (!response) throw new Error('The sandbox could not be reached.');
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { message: string }).message);
  return answer as Answer;
}

const wordsOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

void start();
