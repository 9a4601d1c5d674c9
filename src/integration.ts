import { dictionary } from './hardening/prototype-pollution.js';

/** An app that can be connected. */
export interface Integration {
  /** Its id, for example `google-calendar`. */
  platform: string;
  /** Its display name, for example `Google Calendar`. */
  name: string;
  category?: string;
  /** The http(s) URL of its logo. */
  image?: string;
  description?: string;
}

/** @returns undefined for a row without a platform. */
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

/** Checks every row and leaves out invalid ones. If several have the same platform, the first one wins. */
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

/** Reading a row may throw: it can be null or a proxy, or have a getter. */
function tryToNormalize(row: unknown): Integration | undefined {
  try {
    return normalizeIntegration(row);
  } catch {
    return undefined;
  }
}

/** Turns the id of a platform into a name: `google-calendar` becomes "Google Calendar". */
export function displayName(platform: string): string {
  return platform.replace(/[-_]+/g, ' ').replace(/(^|\s)\p{Ll}/gu, (start) => start.toUpperCase());
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
