// @ts-check

/** @typedef {{code: string, ok: boolean, message: string, hint: string}} Finding */

/** Checks that are not about an error, so they have no page. */
const withoutPage = ['secure-context', 'opener-policy', 'storage', 'check'];

/**
 * One item for each finding, failed checks first.
 * @param {readonly Finding[]} findings
 * @returns {HTMLElement[]}
 */
export function itemsOf(findings) {
  const sorted = [...findings].sort((a, b) => Number(a.ok) - Number(b.ok));
  return sorted.map(({ code, ok, message, hint }) => {
    const mark = create('span', ok ? '✓' : '✗');
    mark.role = 'img';
    mark.ariaLabel = ok ? 'OK' : 'Problem';
    const item = create('li', mark, create('code', code), create('span', message));
    item.className = ok ? 'ok' : 'bad';
    if (hint) {
      const text = create('span', hint);
      text.className = 'hint';
      item.append(text);
    }
    if (!withoutPage.includes(code)) {
      const link = document.createElement('a');
      link.href = `/docs/errors/${code}.html`;
      link.textContent = `About ${code}`;
      item.append(link);
    }
    return item;
  });
}

/**
 * @param {readonly Finding[]} findings
 * @returns {string}
 */
export function summaryOf(findings) {
  const bad = findings.filter(({ ok }) => !ok).length;
  return bad === 0 ? 'No problems found.' : `Failed checks: ${bad} of ${findings.length}.`;
}

/**
 * @param {string} name
 * @param {(Node | string)[]} children
 */
function create(name, ...children) {
  const element = document.createElement(name);
  element.append(...children);
  return element;
}
