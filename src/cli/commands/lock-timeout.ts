/** The option of every command that changes the host. */
export const lockTimeout = {
  type: "number",
  default: 60,
  requiresArg: true,
  describe: "seconds to wait for another regclient",
  coerce: (seconds: number): number => {
    if (seconds >= 0) return seconds;
    throw new Error("--lock-timeout wants a number of seconds");
  },
} as const;
