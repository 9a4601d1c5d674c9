export const identityTypes = ['user', 'team', 'organization', 'project'] as const;

export type IdentityType = (typeof identityTypes)[number];

/** Whose a connection is, in Pica's words: user 42 and team 42 are two. */
export interface Owner {
  identity: string;
  identityType: IdentityType;
}

/** Who works with whose connections. A host with teams puts its own in the place of {@link everyoneTheirOwn}. */
export interface Ownership {
  /** Whose connections a user sees, makes and uses. From what the host knows, never from the request. */
  ownerOf(user: string): Owner | Promise<Owner>;
  /** Whether a user may disconnect what is `owner`'s: a team's administrators, say. */
  mayDisconnect(user: string, owner: Owner): boolean | Promise<boolean>;
}

export const everyoneTheirOwn: Ownership = {
  ownerOf: asUser,
  mayDisconnect: (user, owner) => owner.identityType === 'user' && owner.identity === user,
};

export function asUser(user: string): Owner {
  return { identity: user, identityType: 'user' };
}

/**
 * An owner as the tables have it, in the columns `user_id`: `42` for user 42, `team:42` for team 42.
 *
 * One column rather than two, because processes of the release before run beside these while it is rolled out. They
 * know users alone: `user_id = '42'` finds user 42 and nobody else.
 */
export function ownerId({ identity, identityType }: Owner): string {
  // With a colon, a user could be named so as to be taken for a team.
  if (identity === '' || identity.includes(':')) throw new Error('An identity has no colon in it.');
  return identityType === 'user' ? identity : `${identityType}:${identity}`;
}

export function ownerOfId(id: string): Owner {
  const [identity = '', prefix = 'user'] = id.split(':').reverse();
  const identityType = identityTypes.find((type) => type === prefix);
  if (!identityType) throw new Error(`There is no identity type "${prefix}".`);
  return { identity, identityType };
}
