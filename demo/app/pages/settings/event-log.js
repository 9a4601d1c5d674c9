// @ts-check

const names = /** @type {const} */ ([
  'pica-open',
  'pica-success',
  'pica-error',
  'pica-close',
  'pica-load',
  'pica-connect',
  'pica-disconnect',
]);

/** Older events are removed, so that a page that stays open for a day doesn't grow all day. */
const maxEvents = 50;

const time = new Intl.DateTimeFormat('en', { timeStyle: 'medium', hour12: false });

/**
 * Shows the elements' events as they happen, newest first.
 * @param {HTMLElement} page contains the elements, the list of events and its controls
 */
export function showEvents(page) {
  const list = /** @type {HTMLElement} */ (page.querySelector('#events'));
  const emptyMessage = /** @type {HTMLElement} */ (page.querySelector('#no-events'));
  const clear = /** @type {HTMLElement} */ (page.querySelector('#clear'));

  const update = () => {
    emptyMessage.hidden = list.childElementCount > 0;
  };
  for (const name of names) {
    page.addEventListener(name, (event) => {
      list.prepend(entryFor(/** @type {CustomEvent<unknown>} */ (event)));
      while (list.childElementCount > maxEvents) list.lastElementChild?.remove();
      update();
    });
  }
  clear.addEventListener('click', () => {
    list.replaceChildren();
    update();
  });
}

/** @param {CustomEvent<unknown>} event */
function entryFor({ type, detail, target }) {
  const name = document.createElement('strong');
  name.textContent = type;
  const from = document.createElement('span');
  from.textContent = target instanceof Element ? target.localName : '';
  const when = document.createElement('time');
  const now = new Date();
  when.dateTime = now.toISOString();
  when.textContent = time.format(now);

  const summary = document.createElement('summary');
  summary.append(name, when, from);
  const text = document.createElement('pre');
  // It scrolls, so it has to be reachable by keyboard.
  text.tabIndex = 0;
  text.textContent = JSON.stringify(detail, readable, 2);

  const entry = document.createElement('details');
  // The other events matter for their order, which is easier to see while they are closed.
  entry.open = type === 'pica-success' || type === 'pica-error';
  entry.append(summary, text);
  const item = document.createElement('li');
  item.dataset.event = type;
  item.append(entry);
  return item;
}

/**
 * Keeps what JSON would leave out: an error's message, and undefined values.
 * @param {string} _key
 * @param {unknown} value
 */
function readable(_key, value) {
  if (value === undefined) return null;
  if (!(value instanceof Error)) return value;
  const { message, cause } = value;
  return { ...value, message, ...(cause !== undefined && { cause }) };
}
