/** Mode bits, owner and group of a file or directory. */
export interface Attributes {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** What stands at a path, seen without following a final symbolic link. */
export type Entry =
  | { readonly kind: "absent" }
  | ({ readonly kind: "file"; readonly bytes: Uint8Array } & Attributes)
  | ({ readonly kind: "directory"; readonly names: readonly string[] } & Attributes)
  | { readonly kind: "symlink"; readonly target: string }
  | { readonly kind: "other" }
  | { readonly kind: "unreadable"; readonly reason: string };

/** Why an entry is no file that can be read, in words for a message. */
export function whyNoFile(entry: Entry): string {
  switch (entry.kind) {
    case "absent":
      return "there is no such file";
    case "unreadable":
      return entry.reason;
    case "symlink":
      return `it is a symbolic link to ${entry.target}`;
    default:
      return entry.kind === "directory" ? "it is a directory" : "it is no regular file";
  }
}

/** Reading the host's files. Paths are absolute as the host sees them; all lie below the root the host was made with. */
export interface ReadFiles {
  readonly root: string;
  /** Files larger than `maxBytes` (16 MiB unless said) are `unreadable`. */
  readEntry(path: string, maxBytes?: number): Promise<Entry>;
  /** The path with every symbolic link followed, as inside a chroot; the last part need not exist. */
  resolveLinks(path: string): Promise<string>;
  /** Where the path lies for this process: for file names in messages to other programs. */
  realPath(path: string): string;
}

/** Changing the host's files: single steps that either happen or do not. Only `src/apply` may use them. */
export interface WriteFiles {
  /** Creates a file that must not exist yet, with its attributes, and flushes it to disk. */
  createFile(path: string, bytes: Uint8Array, attributes: Attributes): Promise<void>;
  /** Gives a file a second name on the same file system; nothing is copied. */
  linkFile(path: string, second: string): Promise<void>;
  /** Replaces the bytes of a file that cannot be renamed over (a bind mount), and flushes. */
  overwriteFile(path: string, bytes: Uint8Array): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  removeFile(path: string): Promise<void>;
  makeDirectory(path: string, attributes: Attributes): Promise<void>;
  removeDirectory(path: string): Promise<void>;
  syncDirectory(path: string): Promise<void>;
}

/** Time, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** A monotonic count of milliseconds, for durations. */
  elapsed(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** Name look-up as the host's resolver does it, without the hosts file of another root. */
export interface Resolver {
  /** Addresses of a name, in the order to try them; empty when there is none, undefined when no name server answered. */
  lookup(host: string): Promise<readonly string[] | undefined>;
}

/** The person or program on the other side. */
export interface Terminal {
  /** True when a person can be asked: stdin and stderr are terminals. */
  readonly interactive: boolean;
  readonly colour: boolean;
  readonly columns: number;
  /** stdout is a terminal, whose screen can be begun anew. */
  readonly hasScreen: boolean;
  /** Fires when nobody reads stdout any more. */
  outClosed(): AbortSignal;
  writeOut(text: string): void;
  writeErr(text: string): void;
  clearScreen(): void;
  /** Asks on stderr and reads one line; `hidden` does not echo. */
  ask(question: string, options: { readonly hidden: boolean }): Promise<string | undefined>;
  /** All of stdin, or undefined when it is longer than `maxBytes`. */
  readInput(maxBytes: number): Promise<Uint8Array | undefined>;
}

/** Who runs the program, and the few facts of the environment that matter. */
export interface Caller {
  readonly uid: number;
  readonly gid: number;
  readonly login: string;
  readonly home: string;
  readonly hostname: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How a program that was run came out. */
export interface ProcessResult {
  /** undefined: it could not be started, or was stopped at its time limit. */
  readonly code: number | undefined;
  readonly stdout: Uint8Array;
  readonly stderr: string;
}

/** How a program is run. */
export interface ProcessOptions {
  readonly input: Uint8Array;
  readonly timeoutMs: number;
  /** True: it runs also when this process was told to stop, as what cleans up must. */
  readonly afterStop?: boolean;
  /** Added to the environment of this process; never a secret, as other programs can read it. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Running other programs of the host. Secrets go in by `input`, never by the arguments. */
export interface Processes {
  run(argv: readonly string[], options: ProcessOptions): Promise<ProcessResult>;
}

/** A private directory for files that other programs are to read, and for those they write. */
export interface Scratch {
  readonly path: string;
  /** Makes a file in it, as the bytes come; throws when it cannot be written whole. */
  write(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** The directory is gone afterwards, with all that is in it. */
  remove(): Promise<void>;
}

/** The exclusive right to change this host; given back by `release`, or by the kernel when the process dies. */
export interface LockHold {
  release(): void;
}

/** Tries once. When something else holds it, gives what is known of the holder. */
export interface Lock {
  tryAcquire(): Promise<LockHold | { readonly heldBy: string }>;
}

/** Everything of the machine that the program touches. Made once at the entry point; tests make another. */
export interface Host {
  readonly files: ReadFiles;
  readonly writer: WriteFiles;
  readonly clock: Clock;
  /** Milliseconds that the machine has been up, sleep included; it cannot be set, and begins anew at each start. */
  uptime(): number;
  readonly resolver: Resolver;
  readonly terminal: Terminal;
  readonly caller: Caller;
  readonly lock: Lock;
  readonly processes: Processes;
  /** Makes a private directory in the place for temporary files of this machine; throws where none can be made. */
  makeScratch(): Promise<Scratch>;
  /** Fires on SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
}

/** A user of the host. */
export interface Account {
  readonly login: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}
