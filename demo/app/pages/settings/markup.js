// @ts-check

const maxLineLength = 88;

/**
 * Returns the HTML of the page's elements, with the script that defines them.
 * @param {ParentNode} page
 */
export function markupOf(page) {
  const elements = [
    ...document.querySelectorAll('script[src*="pica-connect"]'),
    ...page.querySelectorAll('pica-connect-button, pica-connections-list'),
  ];
  return elements.map(elementMarkup).join('\n\n');
}

/** @param {Element} element */
function elementMarkup(element) {
  const tag = element.localName;
  const attributes = [...element.attributes]
    .filter(({ name }) => name !== 'class')
    .map(({ name, value }) => (value === '' ? name : `${name}="${escape(value)}"`));
  const children = [...element.children].map((child) => `  ${child.outerHTML}\n`);
  const content = children.length > 0 ? `\n${children.join('')}` : element.innerHTML.trim();

  const line = `<${[tag, ...attributes].join(' ')}>${content}</${tag}>`;
  if (line.length <= maxLineLength) return line;
  const lines = attributes.map((attribute) => `\n  ${attribute}`).join('');
  return `<${tag}${lines}\n>${content}</${tag}>`;
}

/** @param {string} value */
function escape(value) {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
}

/**
 * Makes buttons with `data-copies` copy the text of the element with that ID.
 * @param {ParentNode} page
 */
export function enableCopyButtons(page) {
  for (const button of page.querySelectorAll('button[data-copies]')) {
    button.addEventListener('click', async () => {
      const id = /** @type {HTMLElement} */ (button).dataset.copies ?? '';
      const source = /** @type {HTMLElement} */ (document.getElementById(id));
      try {
        await navigator.clipboard.writeText(source.textContent ?? '');
        button.textContent = 'Copied';
      } catch {
        // Copying is not allowed. Select the text, so that the user can copy it by keyboard.
        getSelection()?.selectAllChildren(source);
        button.textContent = 'Selected: copy it with the keyboard';
      }
      setTimeout(() => (button.textContent = 'Copy'), 2000);
    });
  }
}
