import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

const EVERY = 500_000;
// what was still on its way at a short collection is let go of by a long one
const LONG_ONE = 128;

/**
 * Keeps memory small while many bytes pass through: told of each piece's length, it has V8 let go of what has passed, every
 * half a megabyte. By itself V8 lets some 64 MB pile up, as buffers lie outside of its heap and count next to nothing.
 */
export function createSweeper(): (bytes: number) => void {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { readonly type: "minor" | "major" }) => void;
  let passed = 0;
  let rounds = 0;
  return (bytes) => {
    passed += bytes;
    if (passed < EVERY) return;
    passed = 0;
    rounds += 1;
    collect({ type: rounds % LONG_ONE === 0 ? "major" : "minor" });
  };
}
