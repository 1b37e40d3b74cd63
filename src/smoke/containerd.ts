import type { Command, ImageAtHand, ProgramWay } from "./program-way.ts";

/** Its images are in a namespace of their own, so nobody else's can be touched. */
const NAMESPACE = ["--namespace", "regclient-verification"];

/**
 * containerd, by ctr. ctr reads no config.json, and takes a password only in its arguments, where every user of the host
 * could read it, or at a terminal: so it is given one (containerd: cmd/ctr/commands/resolver.go).
 */
export const containerdWay: ProgramWay = {
  via: "containerd",
  title: "ctr (containerd)",
  program: "ctr",
  versionArguments: ["version"],
  asksForLogin: true,
  keepsDigest: true,
  steps: (image) => {
    const named = `${image.repository}:${image.tag}`;
    const pulled = `${image.repository}@${image.digest}`;
    const images = (...args: readonly string[]): Command => ({ args: [...NAMESPACE, "images", ...args] });
    const both = [named, ...(image.digest === "" ? [] : [pulled])];
    return {
      load: [images("import", image.archive)],
      push: [asking(images("push", ...options(image), named), image)],
      forget: [images("rm", "--sync", named)],
      pull: [asking(images("pull", ...options(image), pulled), image)],
      clean: [images("rm", "--sync", ...both), { args: ["namespaces", "rm", NAMESPACE[1] ?? ""] }],
    };
  },
};

function options({ hostsDirectory, username }: ImageAtHand): readonly string[] {
  return ["--hosts-dir", hostsDirectory, ...(username === undefined ? [] : ["--user", username])];
}

function asking(command: Command, { username }: ImageAtHand): Command {
  return username === undefined ? command : { ...command, needsLogin: true };
}
