import type { FindingEntry } from "../finding-entry.ts";

/** RC-HST: changing the host. */
export const hostFindings = {
  "RC-HST-001": {
    exit: "host",
    summary: "the host could not be changed; everything was put back",
    cause: "{cause}",
    fix: ["see to the cause, then run the same command again"],
  },
  "RC-HST-002": {
    exit: "host",
    summary: "the host could not be changed, and putting it back failed too; the next run will try again",
    cause: "{cause}; then, while putting back: {undo}",
    fix: ["see to the cause, then run: regclient reconcile"],
  },
  "RC-HST-003": {
    exit: "host",
    summary: "the disk is full; everything was put back",
    cause: "{cause}",
    fix: ["df -h /etc /var/lib", "free some space, then run the same command again"],
  },
  "RC-HST-004": {
    exit: "host",
    summary: "no right to change the host; everything was put back",
    cause: "{cause}",
    fix: ["run it as root: sudo regclient …", "or name a directory of your own: --root DIR"],
  },
  "RC-HST-005": {
    exit: "host",
    summary: "something else changed the same file at the same time; everything of ours was put back",
    cause: "{cause}",
    fix: ["run the same command again"],
  },
  "RC-HST-006": {
    exit: "host",
    summary: "no right to change this host; nothing was changed",
    cause: "{cause}",
    fix: ["run it as root: sudo regclient …", "or work on a directory of your own: --root DIR"],
  },
  "RC-HST-007": {
    exit: "host",
    summary: "what an interrupted run left could not be put back; nothing else was changed",
    cause: "{cause}",
    fix: ["see to the cause, then run: regclient reconcile"],
  },
  "RC-HST-008": {
    exit: "host",
    summary: "stopped before anything was changed",
    cause: "regclient was told to stop (Ctrl-C, or SIGTERM)",
    fix: ["run the same command again"],
  },
  "RC-HST-009": {
    exit: "host",
    summary: "the lock of this host cannot be taken; nothing was changed",
    cause: "{cause}",
    fix: ["ls -l /run/regclient", "df -h /run"],
  },
  "RC-HST-010": {
    exit: "host",
    summary: "the host could not be changed; all was put back but what something else changed meanwhile",
    cause: "{cause}",
    fix: ["see to the cause and to what was left, then run the same command again"],
  },
  "RC-HST-011": {
    exit: "host",
    summary: "the journal of an interrupted run cannot be read; nothing was touched",
    cause: "{path} is damaged, or was written by another version of regclient; beside it may lie old contents of files",
    fix: [
      "look at /var/lib/regclient/journal, and finish with the version that wrote it",
      "or move that directory away",
    ],
  },
  "RC-HST-030": {
    exit: "host",
    summary: "metrics cannot be served on {address}",
    cause: "{reason}",
    fix: [
      "who has it: ss -xlp; ss -tlnp",
      "name another: regclient daemon --metrics-listen 127.0.0.1:PORT",
      "or leave them out: regclient daemon without --metrics-listen",
    ],
  },
  "RC-HST-031": {
    exit: "host",
    summary: "the file {path} cannot be written",
    cause: "{reason}",
    fix: [
      "ls -ld {path}; ls -ld $(dirname {path})",
      "under systemd the unit needs the directory: systemctl edit regclient.service, with ReadWritePaths=DIR in [Service]",
    ],
  },
  "RC-HST-012": {
    exit: "host",
    summary: "a program that reads what was written failed; everything was put back",
    cause: "{cause}",
    fix: ["run it by hand to see why, then run the same command again", "df -h /etc /tmp"],
  },
  "RC-HST-040": {
    exit: "host",
    summary: "the pass over {name} met a fault of regclient itself",
    cause: "{reason}",
    fix: ["journalctl -u regclient -p err", "please report it with these lines"],
  },
} as const satisfies Record<string, FindingEntry>;
