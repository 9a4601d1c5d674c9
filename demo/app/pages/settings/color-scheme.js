// @ts-check

const schemes = { auto: 'light dark', light: 'light', dark: 'dark' };
const storageKey = 'lumen-color-scheme';

/**
 * Adds buttons for the page's color scheme, which the elements and AuthKit follow.
 * @param {HTMLElement} container
 */
export function addColorSchemeButtons(container) {
  const buttons = Object.entries(schemes).map(([name, value]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name[0]?.toUpperCase() + name.slice(1);
    button.addEventListener('click', () => choose(value));
    return { button, value };
  });
  container.replaceChildren(...buttons.map(({ button }) => button));

  /** @param {string} chosen */
  function choose(chosen) {
    document.documentElement.style.colorScheme = chosen;
    localStorage.setItem(storageKey, chosen);
    for (const { button, value } of buttons) button.ariaPressed = String(value === chosen);
  }

  const stored = localStorage.getItem(storageKey) ?? '';
  choose(Object.values(schemes).includes(stored) ? stored : schemes.auto);
}
