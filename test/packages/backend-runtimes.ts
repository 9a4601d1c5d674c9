import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A backend's store, and the arguments with which the runtime's program manipulates it. */
interface Store {
  file: string;
  /** Makes all rows an hour older. */
  ageArgs: string[];
  /** Creates the store of an earlier version. The rows are appended to the arguments as JSON. */
  earlierArgs: string[];
  /** Locks the store, prints "locked", and unlocks it when standard input ends. */
  lockArgs: string[];
}

/** How to run a folder of demo/examples/backends. */
interface Runtime {
  /** Where the program may be. The first one that can print its versions is used. */
  programs: string[];
  /** Arguments that print the versions in one line. The program fails if something is missing. */
  versionsArgs: string[];
  /** Arguments that build the backend. */
  buildArgs?: string[];
  startArgs(port: number): string[];
  /** The program that starts the backend, if it's another. */
  server?: string;
  /** Additional environment variables. */
  environment?(folder: string): Record<string, string>;
  /** The store, if it isn't a file with JSON. */
  store?: Store;
  /** How to install the program, for the report. */
  advice: string;
}

/** The table of the SQLite backends' earlier version, which didn't look connections up at Pica. */
const earlierTable = `CREATE TABLE connections (
  connection_key TEXT PRIMARY KEY, user TEXT NOT NULL, platform TEXT NOT NULL,
  environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT, created_at TEXT NOT NULL)`;
const earlierInsert = `INSERT INTO connections
  (connection_key, user, platform, environment, state, created_at)
  VALUES (:connection_key, :user, :platform, :environment, :state, :created_at)`;

const node: Runtime = {
  programs: [process.execPath],
  versionsArgs: ['-p', '"Node " + process.versions.node'],
  startArgs: () => ['server.mjs'],
  advice: 'nodejs.org',
};

const phpServer = fileURLToPath(new URL('php-cgi.ts', import.meta.url));

export const runtimes: Record<string, Runtime> = {
  express: node,
  hono: node,
  next: {
    ...node,
    buildArgs: ['node_modules/next/dist/bin/next', 'build'],
    startArgs: (port) => [
      ...['node_modules/next/dist/bin/next', 'start'],
      ...['--hostname', '127.0.0.1', '--port', String(port)],
    ],
  },
  fastapi: {
    programs: ['python3', '/usr/bin/python3'],
    versionsArgs: [
      '-c',
      'import platform, fastapi, uvicorn; print("Python", platform.python_version() + ", FastAPI", fastapi.__version__ + ", uvicorn", uvicorn.__version__)',
    ],
    startArgs: (port) => [
      '-m',
      'uvicorn',
      'app:app',
      '--host',
      '127.0.0.1',
      '--port',
      String(port),
    ],
    store: {
      file: 'connections.sqlite',
      ageArgs: [
        '-c',
        `import sqlite3
db = sqlite3.connect("connections.sqlite")
db.execute("UPDATE pica_connections SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '-1 hour'), unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', unlisted_since, '-1 hour')")
db.commit()`,
      ],
      earlierArgs: [
        '-c',
        `import json, sqlite3, sys
db = sqlite3.connect("connections.sqlite")
db.execute("""${earlierTable}""")
for row in json.loads(sys.argv[1]):
    db.execute("""${earlierInsert}""", row)
db.commit()`,
      ],
      lockArgs: [
        '-c',
        `import sqlite3, sys
db = sqlite3.connect("connections.sqlite", isolation_level=None)
db.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
sys.stdin.read()`,
      ],
    },
    advice: 'apt-get install python3-fastapi uvicorn',
  },
  php: {
    programs: ['php'],
    versionsArgs: [
      '-r',
      'new PDO("sqlite::memory:"); exec("php-cgi -v", $lines, $code); $code === 0 || exit(1); echo "PHP ", PHP_VERSION;',
    ],
    server: process.execPath,
    startArgs: (port) => ['--import', import.meta.resolve('tsx'), phpServer, String(port)],
    environment: (folder) => ({ DATABASE_FILE: join(folder, 'connections.sqlite') }),
    store: {
      file: 'connections.sqlite',
      ageArgs: [
        '-r',
        `(new PDO("sqlite:connections.sqlite"))->exec(
          "UPDATE pica_connections SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '-1 hour'),
            unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', unlisted_since, '-1 hour')");`,
      ],
      earlierArgs: [
        '-r',
        `$db = new PDO("sqlite:connections.sqlite");
         $db->exec("${earlierTable}");
         foreach (json_decode($argv[1], true) as $row) {
           $db->prepare("${earlierInsert}")->execute($row);
         }`,
      ],
      lockArgs: [
        '-r',
        `$db = new PDO("sqlite:connections.sqlite");
         $db->exec("BEGIN EXCLUSIVE");
         echo "locked";
         stream_get_contents(STDIN);`,
      ],
    },
    advice: 'apt-get install php-cli php-cgi php-sqlite3',
  },
  ruby: {
    programs: ['ruby'],
    versionsArgs: [
      '-e',
      'require "sinatra/base"; require "webrick"; puts "Ruby #{RUBY_VERSION}, Sinatra #{Sinatra::VERSION}"',
    ],
    startArgs: () => ['app.rb'],
    store: {
      file: 'connections.pstore',
      ageArgs: [
        ...['-r', 'pstore', '-r', 'time', '-e'],
        `store = PStore.new('connections.pstore')
         store.transaction do
           store.roots.each do |root|
             row = store[root]
             aged = row.slice('created_at', 'unlisted_since').compact
             store[root] = row.merge(aged.transform_values { |time| (Time.parse(time) - 3600).utc.iso8601 })
           end
         end`,
      ],
      earlierArgs: [
        ...['-r', 'pstore', '-r', 'json', '-e'],
        `store = PStore.new('connections.pstore')
         store.transaction do
           JSON.parse(ARGV[0]).each { |row| store[row['connection_key']] = row }
         end`,
      ],
      lockArgs: [
        '-e',
        `files = %w[connections.lock connections.pstore].map { |name| File.open(name, File::CREAT | File::RDWR) }
         files.each { |file| file.flock(File::LOCK_EX) }
         $stdout.syswrite 'locked'
         $stdin.read`,
      ],
    },
    advice: 'apt-get install ruby-sinatra ruby-webrick',
  },
  go: {
    programs: ['go'],
    versionsArgs: ['version'],
    buildArgs: ['build', '-o', 'backend', '.'],
    startArgs: () => [],
    advice: 'apt-get install golang-go',
  },
};

/** Finds a runtime's program on this machine. @returns undefined if something is missing */
export function findRuntime(name: string): { program: string; versions: string } | undefined {
  const runtime = runtimes[name];
  if (!runtime)
    throw new Error(`test/packages/backend-runtimes.ts does not say how to run ${name}.`);
  for (const program of runtime.programs) {
    const { status, stdout } = spawnSync(program, runtime.versionsArgs, { encoding: 'utf8' });
    if (status === 0) return { program, versions: stdout.trim().replace(/^go version go/, 'Go ') };
  }
  return undefined;
}

const backendsFolder = 'demo/examples/backends';

/** All backends except WordPress, which needs a WordPress site. */
export const backendSubjects = () =>
  readdirSync(backendsFolder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name in runtimes)
    .map(({ name }) => {
      const runtime = findRuntime(name);
      const { dependencies } = readManifest(join(backendsFolder, name));
      const packages = Object.entries(dependencies).map(([id, version]) => `${id} ${version}`);
      return {
        folder: join(backendsFolder, name),
        versions: runtime ? `${name}: ${[runtime.versions, ...packages].join(', ')}` : name,
        ...(!runtime && { advice: runtimes[name]?.advice ?? '' }),
      };
    });

function readManifest(folder: string): { dependencies: Record<string, string> } {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
  } catch {
    return { dependencies: {} };
  }
}
