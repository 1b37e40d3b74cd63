/** The kinds of container runtimes, by the names that declarations and `--runtime` give them. */
export const RUNTIME_IDS = ["docker", "containers", "containerd", "buildkit", "k3s", "system"] as const;
/** One of them. */
export type RuntimeId = (typeof RUNTIME_IDS)[number];

/** What may stand in a declaration's `runtimes`: `auto` is Docker, and every other one that is found on the host, but `system`. */
export const RUNTIME_CHOICES = ["auto", ...RUNTIME_IDS] as const;
