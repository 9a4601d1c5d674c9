/**
 * `light` or `dark` for `auto`: the element's computed `color-scheme`, and where that leaves it open,
 * the system's.
 */
export function resolveAppTheme(element: HTMLElement & { appTheme: string }): 'light' | 'dark' {
  const { appTheme } = element;
  if (appTheme === 'light' || appTheme === 'dark') return appTheme;
  // Not as a property: in Chromium an inherited one would shadow it.
  const schemes = getComputedStyle(element).getPropertyValue('color-scheme');
  const light = schemes.includes('light');
  if (light !== schemes.includes('dark')) return light ? 'light' : 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
