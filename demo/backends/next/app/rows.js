import { existsSync, readFileSync, writeFileSync } from 'node:fs';

// Read and written without a pause in between, so that one process never loses a row: for more, and where files
// do not last, use your database.
const file = 'connections.json';

export const stored = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : []);
export const store = (rows) => writeFileSync(file, JSON.stringify(rows, null, 2));
