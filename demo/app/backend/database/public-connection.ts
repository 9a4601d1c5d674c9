import { ownerOfId, type Owner } from '../owner.js';
import type { UnconfirmedConnection, UserConnection } from './schema.js';

/** A row as the API returns it. `missing_since` and `confirmed` are present only for missing or unconfirmed ones. */
export interface PublicConnection extends Omit<
  UserConnection,
  'missing_since' | 'confirmed_at' | 'deleting_since'
> {
  identity_type: Owner['identityType'];
  missing_since?: Date;
  confirmed?: false;
}

export function toPublicConnection({
  missing_since,
  confirmed_at: _confirmed,
  deleting_since: _deleting,
  user_id,
  ...row
}: UserConnection): PublicConnection {
  const { identity, identityType } = ownerOfId(user_id);
  const publicRow = { ...row, user_id: identity, identity_type: identityType };
  return missing_since ? { ...publicRow, missing_since } : publicRow;
}

export function unconfirmed({
  unlisted_since: _,
  user_id,
  ...row
}: UnconfirmedConnection): PublicConnection {
  const { identity, identityType } = ownerOfId(user_id);
  const publicRow = { ...row, user_id: identity, identity_type: identityType };
  return { ...publicRow, state: 'unknown', updated_at: row.created_at, confirmed: false };
}
