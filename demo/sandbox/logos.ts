import type { Integration } from './integrations.js';

// Derived from the platform id, so a logo is the same at every start and neighbours in a list differ.
const hueOf = (platform: string) =>
  platform.split('').reduce((hash, letter) => (hash * 31 + letter.charCodeAt(0)) % 360, 7);

function initialsOf(name: string) {
  const [first = '?', second] = name.match(/[A-Za-z0-9]+/g) ?? [];
  return (second ? first.charAt(0) + second.charAt(0) : first.slice(0, 2)).toUpperCase();
}

/** Draws a placeholder logo: the sandbox needs no network, and copies no trademark. */
export function logoOf({ platform, name }: Pick<Integration, 'platform' | 'name'>) {
  const hue = hueOf(platform);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40" role="img" aria-label="${initialsOf(name)}">
<rect width="40" height="40" rx="9" fill="hsl(${hue} 55% 38%)"/>
<text x="20" y="26" font-family="system-ui, sans-serif" font-size="16" font-weight="600" text-anchor="middle" fill="#fff">${initialsOf(name)}</text>
</svg>`;
}
