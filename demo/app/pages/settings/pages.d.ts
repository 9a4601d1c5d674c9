export const pages: readonly { name: string; path: string }[];
