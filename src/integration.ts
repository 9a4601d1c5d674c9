import { dictionary } from './hardening/own.js';

/** Something that can be connected. */
export interface Integration {
  /** Its id: `google-calendar`. */
  platform: string;
  /** Its display name: `Google Calendar`. */
  name: string;
  category?: string;
  /** The http(s) address of its logo. */
  image?: string;
  description?: string;
}

/** The one place where an integration is checked. A row without a platform is none: `undefined`. */
function normalizeIntegration(raw: unknown): Integration | undefined {
  const { platform, name, category, image, description } = dictionary(
    raw as Record<string, unknown>,
  );
  if (!isText(platform)) return undefined;
  const integration: Integration = { platform, name: isText(name) ? name : displayName(platform) };
  if (isText(category)) integration.category = category;
  if (isText(image) && /^https?:\/\//i.test(image)) integration.image = image;
  if (isText(description)) integration.description = description;
  return integration;
}

/** Checks every row, and leaves out those that are none. Of several of one platform the first counts. */
export function normalizeIntegrations(rows: unknown): Integration[] {
  const integrations = new Map<string, Integration>();
  for (const row of Array.isArray(rows) ? (rows as unknown[]) : []) {
    const integration = tryToNormalize(row);
    if (integration && !integrations.has(integration.platform)) {
      integrations.set(integration.platform, integration);
    }
  }
  return [...integrations.values()];
}

/** A row may also throw at being read: null, a proxy, or a getter of a host's class. */
function tryToNormalize(row: unknown): Integration | undefined {
  try {
    return normalizeIntegration(row);
  } catch {
    return undefined;
  }
}

/** What to call a platform of which only the id is known: `google-calendar` is "Google Calendar". */
export function displayName(platform: string): string {
  return platform.replace(/[-_]+/g, ' ').replace(/(^|\s)\p{Ll}/gu, (start) => start.toUpperCase());
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
