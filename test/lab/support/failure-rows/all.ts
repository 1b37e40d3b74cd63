import { answerRows } from "./answer.ts";
import { certificateRows } from "./certificate.ts";
import { directoryRows } from "./directory.ts";
import { engineRows } from "./engine.ts";
import { handshakeRows } from "./handshake.ts";
import { loginRows } from "./login.ts";
import { networkRows } from "./network.ts";
import { storedRows } from "./stored.ts";
import { transferRows } from "./transfer.ts";
import type { FailureRow } from "./row.ts";

/** From the ground up; the engine, which is started for them, last. */
export const failureRows: readonly FailureRow[] = [
  ...networkRows,
  ...handshakeRows,
  ...certificateRows,
  ...directoryRows,
  ...answerRows,
  ...loginRows,
  ...transferRows,
  ...storedRows,
  ...engineRows,
];
