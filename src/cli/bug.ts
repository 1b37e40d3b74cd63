import { exitCodes } from "../findings/problem.ts";

/** What is told of an error that nobody foresaw; on stdout one JSON document, for those who asked for JSON. */
export function explainBug(error: unknown, asJson: boolean): { readonly out: string; readonly err: string } {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  if (asJson) {
    return { out: `${JSON.stringify({ exit: exitCodes.bug, bug: stack, problems: [] }, undefined, 2)}\n`, err: "" };
  }
  const lines = [
    "regclient: error: this is a fault of regclient itself",
    stack.replaceAll(/^/gm, "  "),
    "  fix:   please report it with the lines above and the command you typed",
    "",
  ];
  return { out: "", err: lines.join("\n") };
}

/** Whether a command line asks for JSON, also one that cannot be read otherwise. */
export function wantsJson(argv: readonly string[]): boolean {
  return argv.some((word, index) => word === "--output=json" || (word === "json" && argv[index - 1] === "--output"));
}
