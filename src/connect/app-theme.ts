/** Resolves `auto` to the element's computed `color-scheme`, or to the system's if that allows both or neither. */
export function resolveAppTheme(element: HTMLElement & { appTheme: string }): 'light' | 'dark' {
  const { appTheme } = element;
  if (appTheme === 'light' || appTheme === 'dark') return appTheme;
  // Read with a method: in Chromium, a polluted `Object.prototype` would shadow the property.
  const schemes = getComputedStyle(element).getPropertyValue('color-scheme');
  const light = schemes.includes('light');
  if (light !== schemes.includes('dark')) return light ? 'light' : 'dark';
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}
