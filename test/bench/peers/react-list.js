import { createElement as h, memo, useMemo } from 'react';
import { createRoot } from 'react-dom/client';
import { flushSync } from 'react-dom';

/*
 * The list's rows as a React developer would write them: the same elements and texts, with a memoized component per row
 * and the connection's key. flushSync renders them in the task of the call, so that they appear in the next frame.
 */

const stateLabels = {
  operational: 'Connected',
  degraded: 'Trouble',
  failed: 'Failed',
  unknown: 'Unknown',
};
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
const exact = new Intl.DateTimeFormat('en', { dateStyle: 'long', timeStyle: 'short' });
const dayMs = 24 * 3_600_000;

const action = (name, label) =>
  h('button', { type: 'button', 'data-action': name, 'aria-label': `${name}, ${label}` }, name);

const Row = memo(function Row({ connection, title, now }) {
  const { key, name: account, state, environment, createdAt } = connection;
  const time = Date.parse(createdAt);
  const label = `${title}, ${account}`;
  return h(
    'li',
    { part: 'item', className: state, 'data-key': key, 'aria-label': label },
    h('span', { part: 'logo', 'aria-hidden': 'true' }, title[0]),
    h(
      'div',
      { className: 'what' },
      h('bdi', { part: 'name' }, title),
      environment === 'test' && h('span', { part: 'environment' }, 'Test'),
      h('div', { part: 'account' }, h('bdi', null, account)),
    ),
    h(
      'div',
      { className: 'how' },
      h('span', { part: 'state' }, stateLabels[state]),
      h(
        'time',
        { dateTime: createdAt, title: exact.format(time) },
        `Connected ${relative.format(Math.round((time - now) / dayMs), 'day')}`,
      ),
    ),
    h(
      'div',
      { part: 'actions' },
      (state === 'failed' || state === 'degraded') && action('Reconnect', label),
      action('Disconnect', label),
    ),
  );
});

function Rows({ connections, names, query, now }) {
  const shown = useMemo(
    () =>
      connections.filter(({ name, platform }) =>
        `${name} ${names.get(platform)}`.toLowerCase().includes(query),
      ),
    [connections, names, query],
  );
  return h(
    'ul',
    { part: 'list', className: 'box' },
    shown.map((connection) =>
      h(Row, { key: connection.key, connection, title: names.get(connection.platform), now }),
    ),
  );
}

/** Renders into `container`. Returns functions that render again and that remove the list. */
window.mountReactList = (container, integrations) => {
  const root = createRoot(container);
  const names = new Map(integrations.map(({ platform, name }) => [platform, name]));
  const now = Date.now();
  return {
    render(connections, query = '') {
      flushSync(() => root.render(h(Rows, { connections, names, query, now })));
    },
    remove() {
      root.unmount();
    },
  };
};
