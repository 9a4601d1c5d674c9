/** With npm a page imports the languages that it has, and nothing is fetched: see locale-files.beside.ts. */
export const fetchLocale: (name: string) => void = () => {};
