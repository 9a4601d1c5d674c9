export const identityTypes = ['user', 'team', 'organization', 'project'] as const;

export type IdentityType = (typeof identityTypes)[number];

/** Who owns a connection, in Pica's terms: user 42 and team 42 are different owners. */
export interface Owner {
  identity: string;
  identityType: IdentityType;
}

/** Decides which owner's connections a user works with. A host with teams replaces {@link perUserOwnership}. */
export interface Ownership {
  /** The owner whose connections a user sees, creates and uses. Must not depend on anything in the request. */
  ownerOf(user: string): Owner | Promise<Owner>;
  /** Whether a user may disconnect the owner's connections. In a team, perhaps only administrators may. */
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
 * An owner as stored in the `user_id` columns: `42` for user 42, `team:42` for team 42.
 *
 * One column and not two, because processes of the previous release use the same tables during a rollout. They know
 * only users: `user_id = '42'` finds user 42 and nobody else.
 */
export function ownerId({ identity, identityType }: Owner): string {
  // With a colon, a user's id could look like a team's.
  if (identity === '' || identity.includes(':')) {
    throw new Error('An identity must not be empty or contain a colon.');
  }
  return identityType === 'user' ? identity : `${identityType}:${identity}`;
}

export function ownerOfId(id: string): Owner {
  const [identity = '', prefix = 'user'] = id.split(':').reverse();
  const identityType = identityTypes.find((type) => type === prefix);
  if (!identityType) throw new Error(`There is no identity type "${prefix}".`);
  return { identity, identityType };
}
