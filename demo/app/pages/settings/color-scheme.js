// @ts-check

const schemes = { auto: 'light dark', light: 'light', dark: 'dark' };
const kept = 'lumen-color-scheme';

/**
 * Buttons for the page's color scheme. The elements on the page, and AuthKit, follow it.
 * @param {HTMLElement} place
 */
export function offerColorSchemes(place) {
  const buttons = Object.entries(schemes).map(([name, value]) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = name[0]?.toUpperCase() + name.slice(1);
    button.addEventListener('click', () => choose(value));
    return { button, value };
  });
  place.replaceChildren(...buttons.map(({ button }) => button));

  /** @param {string} chosen */
  function choose(chosen) {
    document.documentElement.style.colorScheme = chosen;
    localStorage.setItem(kept, chosen);
    for (const { button, value } of buttons) button.ariaPressed = String(value === chosen);
  }

  const before = localStorage.getItem(kept) ?? '';
  choose(Object.values(schemes).includes(before) ? before : schemes.auto);
}
