import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

interface Stored {
  file: string;
  /** Arguments with which its program makes the rows an hour older. */
  age: string[];
  /** Arguments with which its program stores rows as an earlier version did; they follow as JSON. */
  earlier: string[];
  /** Arguments with which its program takes it for itself, says so, and gives it back when its input ends. */
  lock: string[];
}

/** How a folder of demo/examples/backends is run, on what its language needs. */
interface Runtime {
  /** The program, or several places where it may be; the first one that can print its versions is taken. */
  programs: string[];
  /** Arguments with which it prints its versions in one line, and fails where something is not there. */
  versions: string[];
  /** Run once, before it is started. */
  build?: string[];
  start(port: number): string[];
  /** The program that it is started by, where that is another. */
  server?: string;
  /** What else it needs in its environment. */
  environment?(folder: string): Record<string, string>;
  /** What to do to what it stores, where that is not a file with JSON. */
  stored?: Stored;
  /** How to get it, for the report. */
  advice: string;
}

/** As the backends with SQLite made it before they asked Pica whose a connection is. */
const earlierTable = `CREATE TABLE connections (
  connection_key TEXT PRIMARY KEY, user TEXT NOT NULL, platform TEXT NOT NULL,
  environment TEXT NOT NULL, state TEXT NOT NULL, name TEXT, created_at TEXT NOT NULL)`;
const earlierInsert = `INSERT INTO connections
  (connection_key, user, platform, environment, state, created_at)
  VALUES (:connection_key, :user, :platform, :environment, :state, :created_at)`;

const node: Runtime = {
  programs: [process.execPath],
  versions: ['-p', '"Node " + process.versions.node'],
  start: () => ['server.mjs'],
  advice: 'nodejs.org',
};

const phpServer = fileURLToPath(new URL('php-cgi.ts', import.meta.url));

export const runtimes: Record<string, Runtime> = {
  express: node,
  hono: node,
  next: {
    ...node,
    build: ['node_modules/next/dist/bin/next', 'build'],
    start: (port) => [
      ...['node_modules/next/dist/bin/next', 'start'],
      ...['--hostname', '127.0.0.1', '--port', String(port)],
    ],
  },
  fastapi: {
    programs: ['python3', '/usr/bin/python3'],
    versions: [
      '-c',
      'import platform, fastapi, uvicorn; print("Python", platform.python_version() + ", FastAPI", fastapi.__version__ + ", uvicorn", uvicorn.__version__)',
    ],
    start: (port) => ['-m', 'uvicorn', 'app:app', '--host', '127.0.0.1', '--port', String(port)],
    stored: {
      file: 'connections.sqlite',
      age: [
        '-c',
        `import sqlite3
db = sqlite3.connect("connections.sqlite")
db.execute("UPDATE pica_connections SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '-1 hour'), unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', unlisted_since, '-1 hour')")
db.commit()`,
      ],
      earlier: [
        '-c',
        `import json, sqlite3, sys
db = sqlite3.connect("connections.sqlite")
db.execute("""${earlierTable}""")
for row in json.loads(sys.argv[1]):
    db.execute("""${earlierInsert}""", row)
db.commit()`,
      ],
      lock: [
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
    versions: [
      '-r',
      'new PDO("sqlite::memory:"); exec("php-cgi -v", $lines, $code); $code === 0 || exit(1); echo "PHP ", PHP_VERSION;',
    ],
    server: process.execPath,
    start: (port) => ['--import', import.meta.resolve('tsx'), phpServer, String(port)],
    environment: (folder) => ({ DATABASE_FILE: join(folder, 'connections.sqlite') }),
    stored: {
      file: 'connections.sqlite',
      age: [
        '-r',
        `(new PDO("sqlite:connections.sqlite"))->exec(
          "UPDATE pica_connections SET created_at = strftime('%Y-%m-%dT%H:%M:%SZ', created_at, '-1 hour'),
            unlisted_since = strftime('%Y-%m-%dT%H:%M:%SZ', unlisted_since, '-1 hour')");`,
      ],
      earlier: [
        '-r',
        `$db = new PDO("sqlite:connections.sqlite");
         $db->exec("${earlierTable}");
         foreach (json_decode($argv[1], true) as $row) {
           $db->prepare("${earlierInsert}")->execute($row);
         }`,
      ],
      lock: [
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
    versions: [
      '-e',
      'require "sinatra/base"; require "webrick"; puts "Ruby #{RUBY_VERSION}, Sinatra #{Sinatra::VERSION}"',
    ],
    start: () => ['app.rb'],
    stored: {
      file: 'connections.pstore',
      age: [
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
      earlier: [
        ...['-r', 'pstore', '-r', 'json', '-e'],
        `store = PStore.new('connections.pstore')
         store.transaction do
           JSON.parse(ARGV[0]).each { |row| store[row['connection_key']] = row }
         end`,
      ],
      lock: [
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
    versions: ['version'],
    build: ['build', '-o', 'backend', '.'],
    start: () => [],
    advice: 'apt-get install golang-go',
  },
};

/** The program of a runtime on this machine with its versions; undefined where something is missing. */
export function findRuntime(name: string): { program: string; versions: string } | undefined {
  const runtime = runtimes[name];
  if (!runtime) throw new Error(`test/packages/backends.ts does not say how ${name} is run.`);
  for (const program of runtime.programs) {
    const { status, stdout } = spawnSync(program, runtime.versions, { encoding: 'utf8' });
    if (status === 0) return { program, versions: stdout.trim().replace(/^go version go/, 'Go ') };
  }
  return undefined;
}

const place = 'demo/examples/backends';

/** Those that can be run here; WordPress needs a WordPress around it. */
export const backendSubjects = () =>
  readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name in runtimes)
    .map(({ name }) => {
      const found = findRuntime(name);
      const { dependencies } = readManifest(join(place, name));
      const packages = Object.entries(dependencies).map(([id, version]) => `${id} ${version}`);
      return {
        folder: join(place, name),
        versions: found ? `${name}: ${[found.versions, ...packages].join(', ')}` : name,
        ...(!found && { advice: runtimes[name]?.advice ?? '' }),
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
