/** With npm a page imports the languages that it has, and nothing is fetched: see locale-files.beside.ts. */
export const fetchLocale: (name: string) => void = () => {};

/** Whether texts of other languages may come by themselves, as soon as a page names one. */
export const fetchesLocales = false as boolean;
