import { createColors } from "picocolors";

/** Colours, or none. Only those that read on light and on dark ground. */
export type Painter = Pick<ReturnType<typeof createColors>, "bold" | "dim" | "red" | "green" | "magenta">;

/** A painter that colours only when `enabled`. */
export function createPainter(enabled: boolean): Painter {
  return createColors(enabled);
}
