export const identityTypes = ['user', 'team', 'organization', 'project'] as const;

export type IdentityType = (typeof identityTypes)[number];

/** Who owns a connection, in Pica's terms: user 42 and team 42 are different owners. */
export interface Owner {
  identity: string;
  identityType: IdentityType;
}

/** Who works with whose connections. A host with teams replaces {@link perUserOwnership}. */
export interface Ownership {
  /** Whose connections a user sees, makes and uses. Decide by what the host knows, never by the request. */
  ownerOf(user: string): Owner | Promise<Owner>;
  /** Whether a user may disconnect the owner's connections. For a team, that may be only its administrators. */
  mayDisconnect(user: string, owner: Owner): boolean | Promise<boolean>;
}

export const perUserOwnership: Ownership = {
  ownerOf: userOwner,
  mayDisconnect: (user, owner) => owner.identityType === 'user' && owner.identity === user,
};

export function userOwner(user: string): Owner {
  return { identity: user, identityType: 'user' };
}

/**
 * An owner as the columns `user_id` have it: `42` for user 42, `team:42` for team 42.
 *
 * One column and not two, because processes of the previous release use the same tables during a rollout. They know
 * only users: `user_id = '42'` finds user 42 and nobody else.
 */
export function ownerId({ identity, identityType }: Owner): string {
  // With a colon, a user's id could look like a team's.
  if (identity === '' || identity.includes(':')) throw new Error('An identity has no colon in it.');
  return identityType === 'user' ? identity : `${identityType}:${identity}`;
}

export function ownerOfId(id: string): Owner {
  const [identity = '', prefix = 'user'] = id.split(':').reverse();
  const identityType = identityTypes.find((type) => type === prefix);
  if (!identityType) throw new Error(`There is no identity type "${prefix}".`);
  return { identity, identityType };
}
