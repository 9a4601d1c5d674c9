import type { LitElement } from 'lit';
import type { SessionOptions } from '../authkit/options.js';
import { loadDiagnosis, loadWindowSurface } from '../lazy.js';
import { localeOf } from '../localization/locale-controller.js';
import { resolveAppTheme } from './app-theme.js';
import { authkitNames } from './authkit-options.js';
import type { ConnectOptions } from './options.js';
import { authkitAddress } from './authkit-address.js';

/** The options of a session that an element opens. */
export function sessionOptions(
  host: LitElement & ConnectOptions,
  checked: Pick<SessionOptions, 'token' | 'selectedConnection' | 'checked'>,
): SessionOptions {
  const appTheme = resolveAppTheme(host);
  const name = checked.selectedConnection();
  const locale = localeOf(host);
  const authkit: Record<string, unknown> = { appTheme };
  for (const [property, authkitName] of Object.entries(authkitNames)) {
    authkit[authkitName] = host[property as keyof typeof authkitNames] ?? undefined;
  }
  return {
    ...checked,
    authkit,
    baseUrl: authkitAddress(host),
    timeout: host.timeout > 0 ? host.timeout : 15,
    opener: host,
    colorScheme: appTheme,
    label: name ? locale.text('connectTo', { name }) : locale.text('authkitTitle'),
    locale,
    loadWindowSurface,
    loadDiagnosis,
  };
}
